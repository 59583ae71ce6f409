import { exp4 } from "./exp";
import { COLUMN } from "./lanes";

/** y = x·σ(x) of the vectors from … to−1; y may be x. */
export function silu(from: i32, to: i32, x: usize, y: usize): void {
  const one = f32x4.splat(1.0);
  for (let at = <usize>from * COLUMN; at < <usize>to * COLUMN; at += COLUMN) {
    const value = v128.load(x + at);
    v128.store(y + at, f32x4.div(value, f32x4.add(one, exp4(f32x4.neg(value)))));
  }
}
