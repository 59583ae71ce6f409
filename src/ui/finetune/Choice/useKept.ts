import { useMemo } from "react";
import { keptMask } from "#state/finetune/choice.ts";
import { useFinetune } from "../context.ts";

export interface Kept {
  /** 1 for every picture that is kept; null while the criterion cannot answer. */
  readonly mask: Uint8Array | null;
  readonly count: number;
  /** The answer is of an older question; the newer one is on its way. */
  readonly isLate: boolean;
}

/** Which pictures are kept, the reader's own word included. */
export function useKept(): Kept {
  const set = useFinetune((state) => state.set);
  const choice = useFinetune((state) => state.choice);
  const selection = useFinetune((state) => state.selection);
  return useMemo(() => {
    if (!set || !selection || selection.criterion !== choice.criterion)
      return { mask: null, count: 0, isLate: false };
    const mask = keptMask(selection.kept, choice.overrides, set.record.count);
    const count = mask.reduce((sum, one) => sum + one, 0);
    const isLate = selection.ratio !== choice.ratio || selection.seed !== choice.seed;
    return { mask, count, isLate: isLate && choice.criterion !== "all" };
  }, [set, choice, selection]);
}
