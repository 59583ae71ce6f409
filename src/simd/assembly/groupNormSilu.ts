import { exp4 } from "./exp";
import { COLUMN, multiplyAdd } from "./lanes";

/** y = silu((x − mean)/√(variance + eps)·gamma + beta), or without silu; mean and variance over the pixels and the channels of
 *  one of `groups` groups of adjacent channels. x, y [height, width, channels], channels a multiple of 4; gamma, beta
 *  [channels]; y may be x; `scratch` has room for 4·channels numbers of 8 bytes. One call does all of it, whatever its share.
 *  Sums of a line are taken in float32, those of lines in float64. Source: Wu and He 2018, arXiv 1803.08494. */
export function groupNormSilu(
  from: i32, to: i32, x: usize, y: usize, height: i32, width: i32, channels: i32, groups: i32, gamma: usize, beta: usize,
  eps: f32, scratch: usize, active: i32,
): void {
  if (from >= to) return;
  const bytes = <usize>channels << 2;
  const totals = scratch; // f64 [channels]
  const means = totals + (<usize>channels << 3); // f32 [channels]
  const lines = means + bytes; // f32 [channels]
  const scales = lines + bytes; // f32 [channels]
  const shifts = scales + bytes; // f32 [channels]
  const each = channels / groups;
  const count = <f64>(each * height * width);

  memory.fill(means, 0, bytes);
  addUp(x, height, width, bytes, means, lines, totals, false);
  for (let group = 0; group < groups; group++) {
    const mean = <f32>(ofGroup(totals, group, each) / count);
    for (let channel = group * each; channel < (group + 1) * each; channel++) store<f32>(means + (<usize>channel << 2), mean);
  }
  addUp(x, height, width, bytes, means, lines, totals, true);
  for (let group = 0; group < groups; group++) {
    const variance = ofGroup(totals, group, each) / count;
    const factor = 1.0 / Math.sqrt(variance + <f64>eps);
    for (let channel = group * each; channel < (group + 1) * each; channel++) {
      const at = <usize>channel << 2;
      const scale = <f64>load<f32>(gamma + at) * factor;
      store<f32>(scales + at, <f32>scale);
      store<f32>(shifts + at, <f32>(<f64>load<f32>(beta + at) - <f64>load<f32>(means + at) * scale));
    }
  }
  const one = f32x4.splat(1.0);
  const end = x + <usize>(height * width) * bytes;
  while (x < end) {
    for (let at: usize = 0; at < bytes; at += COLUMN) {
      let value = multiplyAdd(v128.load(x + at), v128.load(scales + at), v128.load(shifts + at));
      if (active) value = f32x4.div(value, f32x4.add(one, exp4(f32x4.neg(value))));
      v128.store(y + at, value);
    }
    x += bytes;
    y += bytes;
  }
}

/** Sums of x − mean, or of its squares, over all pixels, channel by channel, into `totals`. */
function addUp(
  x: usize, height: i32, width: i32, bytes: usize, means: usize, lines: usize, totals: usize, squared: bool,
): void {
  memory.fill(totals, 0, bytes << 1);
  for (let row = 0; row < height; row++) {
    memory.fill(lines, 0, bytes);
    for (let column = 0; column < width; column++) {
      for (let at: usize = 0; at < bytes; at += COLUMN) {
        const distance = f32x4.sub(v128.load(x + at), v128.load(means + at));
        const term = squared ? f32x4.mul(distance, distance) : distance;
        v128.store(lines + at, f32x4.add(v128.load(lines + at), term));
      }
      x += bytes;
    }
    for (let at: usize = 0; at < bytes; at += 4) {
      const total = totals + (at << 1);
      store<f64>(total, load<f64>(total) + <f64>load<f32>(lines + at));
    }
  }
}

function ofGroup(totals: usize, group: i32, each: i32): f64 {
  let sum: f64 = 0;
  for (let channel = group * each; channel < (group + 1) * each; channel++) sum += load<f64>(totals + (<usize>channel << 3));
  return sum;
}
