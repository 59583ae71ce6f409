import { useEffect, useSyncExternalStore } from "react";
import type { Pixels } from "#state/pixels.ts";
import { useFinetune, useFinetuning } from "../context.ts";

const nothing = () => () => {};

/** A picture of the set that is worked on; null while it is being read. */
export function usePicture(index: number | null): Pixels | null {
  const finetuning = useFinetuning();
  useFinetune((state) => state.set); // another set has other pictures
  const cache = finetuning.pictures();
  const pixels = useSyncExternalStore(cache?.subscribe ?? nothing, () =>
    index === null ? null : (cache?.peek(index) ?? null),
  );
  useEffect(() => {
    if (index !== null && !pixels) cache?.want(index);
  }, [cache, index, pixels]);
  return pixels;
}
