import { exp4 } from "./exp";

/** GELU in its tanh form, ½x(1 + tanh u) = x / (1 + e^(−2u)), u = √(2/π)·(x + 0.044715x³). The second form has no
 *  difference of nearly equal numbers. Source: Hendrycks and Gimpel 2016, arXiv 1606.08415. */
export function gelu4(x: v128): v128 {
  const one = f32x4.splat(1.0);
  const cubic = f32x4.mul(f32x4.mul(x, x), f32x4.splat(0.044715));
  const u = f32x4.mul(f32x4.mul(x, f32x4.add(one, cubic)), f32x4.splat(-2.0 * 0.7978845608028654));
  return f32x4.div(x, f32x4.add(one, exp4(u)));
}
