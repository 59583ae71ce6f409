import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Family } from "#checkpoints/manifest.ts";
import type { Finetune } from "#state/finetune/finetune.ts";
import type { Finetuning } from "#state/finetune/finetuning.ts";
import { useApp } from "#ui/shared/context.ts";
import type { Look, LookStore } from "./look.ts";

/** What the parts of the Fine-tune page share. */
export interface FinetuneValue {
  readonly finetuning: Finetuning;
  readonly look: LookStore;
}

export const FinetuneContext = createContext<FinetuneValue | null>(null);

function useValue(): FinetuneValue {
  const value = useContext(FinetuneContext);
  if (!value) throw new Error("the Fine-tune page's parts need a FinetuneContext around them");
  return value;
}

/** The page's commands. */
export const useFinetuning = (): Finetuning => useValue().finetuning;

/** One value of the page's state; the component is drawn again when that value changes. */
export function useFinetune<T>(select: (state: Finetune) => T): T {
  return useStore(useFinetuning().store, select);
}

export const useLookStore = (): LookStore => useValue().look;

/** One value of how the pictures are looked at. */
export function useLook<T>(select: (look: Look) => T): T {
  return useStore(useLookStore(), select);
}

/** The family that the set's pictures fit, or the chosen one without a set; null before the list of models. */
export function useFamily(): Family | null {
  const finetuning = useFinetuning();
  const imageSize = useFinetune(({ set }) => set?.record.imageSize ?? null);
  // What familyFor reads.
  useApp((app) => app.engine.manifest);
  useApp((app) => app.settings.family);
  return imageSize === null ? finetuning.family() : finetuning.familyFor(imageSize);
}
