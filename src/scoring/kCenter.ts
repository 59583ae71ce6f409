import { indexOfLargest, type Matrix, rowOf } from "./matrix.ts";
import { halfSquaredDistance } from "./unitRows.ts";

/** k-center greedy: `count` unit rows [N,D] in order of choice, beginning with `start`, each turn the row farthest from
 *  all that were chosen; a tie goes to the lower index. Sources: Gonzalez 1985; Sener and Savarese 2018. */
export function kCenter(unit: Matrix, count: number, start: number): Uint32Array {
  const distances = new Float64Array(unit.rows).fill(Number.POSITIVE_INFINITY);
  const chosen = new Uint32Array(Math.min(count, unit.rows));
  for (let turn = 0; turn < chosen.length; turn++) {
    const last = turn === 0 ? start : indexOfLargest(distances);
    chosen[turn] = last;
    const row = rowOf(unit, last);
    for (let i = 0; i < unit.rows; i++) {
      distances[i] = Math.min(distances[i], halfSquaredDistance(rowOf(unit, i), row));
    }
    distances[last] = Number.NEGATIVE_INFINITY;
  }
  return chosen;
}
