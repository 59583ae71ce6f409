import type { Override } from "#state/finetune/choice.ts";

/** What a picture's own word becomes when `wish` is said: said twice it is taken back. */
export const toggled = (
  overrides: ReadonlyMap<number, Override>,
  index: number,
  wish: Override,
): Override | null => (overrides.get(index) === wish ? null : wish);
