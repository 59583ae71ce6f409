/** Bytes of a vector: one column of a tile of four rows. */
@inline export const COLUMN: usize = 16;

/** x·y + z in four lanes, rounded after the product and after the sum: the same bits on every machine. */
@inline
export function multiplyAdd(x: v128, y: v128, z: v128): v128 {
  return f32x4.add(z, f32x4.mul(x, y));
}
