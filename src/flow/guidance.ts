import { add, concat, mul, slice, sub, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { assertSameShape } from "./path.ts";

/** Classifier-free guidance v_u + w (v_c − v_u), on all channels. vUncond, vCond and result [B,H,W,C];
 *  w = 1 is the conditional velocity, w = 0 the unconditional one. The caller disposes the result.
 *  `guidedChannels` reproduces a defect of the paper's release, which guides the first three channels and
 *  leaves v_c in the others: for comparison with it only. Throws ShapeError. Source: method §2. */
export function guide(
  vUncond: Tensor4D,
  vCond: Tensor4D,
  w: number,
  guidedChannels: number | null = null,
): Tensor4D {
  assertSameShape("guide", vUncond, vCond);
  return tidy(() => {
    const guided: Tensor4D = add(vUncond, mul(sub(vCond, vUncond), w));
    const channels = vCond.shape[3];
    if (guidedChannels === null || guidedChannels >= channels) return guided;
    const [batch, height, width] = vCond.shape;
    const first = slice(guided, [0, 0, 0, 0], [batch, height, width, guidedChannels]);
    const rest = slice(vCond, [0, 0, 0, guidedChannels], [batch, height, width, channels - guidedChannels]);
    return concat([first, rest], 3);
  });
}
