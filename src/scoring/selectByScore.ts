import { orderOf } from "./order.ts";
import { ScoringError } from "./scoringError.ts";

/** The `keep` samples of largest or smallest score, best first; a tie goes to the lower index. Throws ScoringError
 *  ScoresNotFinite. */
export function selectByScore(scores: ArrayLike<number>, keep: number, largest: boolean): Uint32Array {
  let bad = 0;
  for (let i = 0; i < scores.length; i++) if (!Number.isFinite(scores[i])) bad++;
  if (bad > 0) throw new ScoringError({ kind: "ScoresNotFinite", bad, of: scores.length });
  return orderOf(scores, largest).slice(0, keep);
}
