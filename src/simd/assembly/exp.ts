import { multiplyAdd } from "./lanes";

/** e^x in four lanes, to 2 units in the last place; arguments beyond ±87 are taken as ±87.
 *  x = n·ln 2 + r with |r| ≤ ½ ln 2; e^r by its series, 2^n by way of the exponent's bits. ln 2 is subtracted in two parts,
 *  of which the first times n is exact. Source: Cody and Waite 1980. */
export function exp4(x: v128): v128 {
  const limit = f32x4.splat(87.0);
  const clamped = f32x4.max(f32x4.min(x, limit), f32x4.neg(limit));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
  let series = f32x4.splat(1.0 / 5040.0);
  series = multiplyAdd(series, r, f32x4.splat(1.0 / 720.0));
  series = multiplyAdd(series, r, f32x4.splat(1.0 / 120.0));
  series = multiplyAdd(series, r, f32x4.splat(1.0 / 24.0));
  series = multiplyAdd(series, r, f32x4.splat(1.0 / 6.0));
  series = multiplyAdd(series, r, f32x4.splat(0.5));
  series = multiplyAdd(series, r, f32x4.splat(1.0));
  series = multiplyAdd(series, r, f32x4.splat(1.0));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(series, exponent);
}
