import { ModelError } from "./modelError.ts";
import type { WeightArray } from "./weights.ts";

export const POS_EMBED = "pos_embed";

/** float32 tables of other implementations differ from ours by their sines' rounding; another kind of table by far more. */
const FLOAT_LIMIT = 1e-5;
/** Half a unit in the last place below 1, the largest value of the table: 8 and 11 significant bits. */
const BF16_ROUNDING = 2 ** -9;
const F16_ROUNDING = 2 ** -12;

/** Throws WrongShape, or PositionTableDiffers when a stored position table is not the fixed one to within 1e-5, or
 *  to within the rounding of the half precision that all of its values have. */
export function checkPositionTable(
  stored: WeightArray,
  fixed: Float32Array,
  expected: readonly number[],
): void {
  const { shape, values } = stored;
  if (shape.join() !== expected.join())
    throw new ModelError({ kind: "WrongShape", name: POS_EMBED, expected, actual: shape });
  const limit = FLOAT_LIMIT + roundingOf(values);
  let largestDifference = 0;
  fixed.forEach((value, index) => {
    largestDifference = Math.max(largestDifference, Math.abs(value - (values[index] ?? Number.NaN)));
  });
  if (!(largestDifference <= limit))
    throw new ModelError({ kind: "PositionTableDiffers", largestDifference, limit });
}

/** Rounding that values have been through, told by the bits of float32 that they leave empty. */
function roundingOf(values: Float32Array): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (bits.every((word) => (word & 0xffff) === 0)) return BF16_ROUNDING;
  // Below 2^-14 half precision has fewer bits still, so its values pass as well.
  return bits.every((word) => (word & 0x1fff) === 0) ? F16_ROUNDING : 0;
}
