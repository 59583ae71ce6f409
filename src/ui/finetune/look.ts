import { createStore, type StoreApi } from "zustand/vanilla";
import type { ScoreName } from "#state/finetune/scores.ts";

/** What pictures are sorted by. */
export type SortBy = "order" | ScoreName;

/** How the pictures of a set are looked at in this visit; nothing of it changes what is kept. */
export interface Look {
  /** Picture under the pointer; null while it is elsewhere. */
  readonly hovered: number | null;
  /** Picture that was chosen to be looked at. */
  readonly picked: number | null;
  /** Cluster that is shown alone. */
  readonly cluster: number | null;
  /** Class that is shown alone. */
  readonly label: number | null;
  readonly sort: SortBy;
  readonly falling: boolean;
  readonly shown: "all" | "kept" | "dropped";
}

export type LookStore = StoreApi<Look>;

export const INITIAL_LOOK: Look = {
  hovered: null,
  picked: null,
  cluster: null,
  label: null,
  sort: "order",
  falling: true,
  shown: "all",
};

export const createLook = (): LookStore => createStore<Look>(() => INITIAL_LOOK);
