import {
  add,
  concat,
  matMul,
  mean,
  mul,
  reshape,
  softmax,
  split,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { conv2d, downsampleSymmetric, upsampleConv } from "#kernels/conv2d.ts";
import { groupNorm } from "#kernels/groupNorm.ts";
import { linear } from "#kernels/linear.ts";
import { selectRows } from "#kernels/selectRows.ts";
import { silu } from "#kernels/silu.ts";
import { unetTimeFeatures } from "#kernels/timeFeatures.ts";
import type { Taps } from "./taps.ts";
import { convAt, linearAt, matrixAt, normAt, type WeightTensors } from "./tensors.ts";
import { UNET_HEADS, type UNetConfig, type UNetVariant } from "./unetConfig.ts";

const EPS = 1e-5;

/** Embedding of times (and labels, when the network has classes) [B,E]. The caller disposes the result. */
export function unetEmbedding(
  config: UNetConfig,
  variant: UNetVariant,
  weights: WeightTensors,
  times: readonly number[],
  labels: readonly number[],
): Tensor2D {
  return tidy(() => {
    const { timeFeatures: width } = variant;
    const features = tensor2d(unetTimeFeatures(times, width), [times.length, width]); // [B,features]
    const hidden = silu(linear(features, ...linearAt(weights, "time_mlp.0"))); // [B,E]
    const time = linear(hidden, ...linearAt(weights, "time_mlp.2"));
    return config.num_classes > 1 ? add(time, selectRows(labels, matrixAt(weights, "cls_emb.weight"))) : time;
  });
}

/** Velocity of the UNetFM at x [B,H,W,C] for embeddings [B,E]; result [B,H,W,C]. The caller disposes the result.
 *  Source: the paper's second architecture; details as the golden vectors 11 fix them. */
export function unetVelocity(
  config: UNetConfig,
  weights: WeightTensors,
  x: Tensor4D,
  embedding: Tensor2D,
  tap?: Taps,
): Tensor4D {
  return tidy(() => {
    const active = silu(embedding); // every FiLM starts with it
    const norm = (h: Tensor4D, name: string) => groupNorm(h, ...normAt(weights, name), config.groups, EPS);
    const conv = (h: Tensor4D, name: string) => conv2d(h, ...convAt(weights, name));
    const convIfPresent = (h: Tensor4D, name: string) => (weights.has(`${name}.weight`) ? conv(h, name) : h);
    const residual = (h: Tensor4D, name: string): Tensor4D =>
      tidy(() => {
        const first = conv(silu(norm(h, `${name}.norm1`)), `${name}.conv1`);
        const film = linear(active, ...linearAt(weights, `${name}.film.proj.1`)); // [B,2C]
        const [scale, shift] = split(reshape(film, [film.shape[0], 1, 1, -1]), 2, 3); // [B,1,1,C]
        const modulated: Tensor4D = add(mul(silu(norm(first, `${name}.norm2`)), add(scale, 1)), shift);
        return add(h, conv(modulated, `${name}.conv2`));
      });
    const attention = (h: Tensor4D, name: string): Tensor4D =>
      weights.has(`${name}.q.weight`) ? add(h, pooledAttention(norm(h, `${name}.norm`), weights, name)) : h;
    const level = (h: Tensor4D, name: string): Tensor4D => {
      let out = convIfPresent(h, `${name}.proj`);
      for (let n = 0; n < config.num_res_blocks; n++) out = residual(out, `${name}.res.${n}`);
      return attention(out, `${name}.attn`);
    };

    const deepest = config.channel_mult.length - 1;
    const skips: Tensor4D[] = [];
    let h = conv(x, "in_conv"); // [B,H,W,base]
    tap?.("after_in_conv", h);
    for (let index = 0; index <= deepest; index++) {
      h = level(h, `down_blocks.${index}`); // [B,H/2^index,W/2^index,base·mult]
      tap?.(`after_down_${index}`, h);
      skips.push(h);
      if (index < deepest) h = downsampleSymmetric(h, ...convAt(weights, `downs.${index}.op`));
    }
    h = residual(h, "mid_block1");
    h = attention(h, "mid_attn");
    h = residual(h, "mid_block2");
    tap?.("after_middle", h);
    for (let up = 0; up <= deepest; up++) {
      if (up > 0) h = upsampleConv(h, ...convAt(weights, `ups.${up - 1}.op`));
      h = convIfPresent(h, `up_match.${up}`);
      h = level(concat([h, skips[deepest - up]], 3), `up_blocks.${up}`);
      tap?.(`after_up_${up}`, h);
    }
    return conv(silu(norm(h, "out_norm")), "out_conv"); // [B,H,W,C]
  });
}

/** Attention over the one token that is left when an image is averaged over its pixels: with a single key the
 *  softmax runs over the heads, which it weighs against each other. h [B,H,W,C], already normalised; result [B,1,1,C]. */
function pooledAttention(h: Tensor4D, weights: WeightTensors, name: string): Tensor4D {
  const [batch, , , channels] = h.shape;
  const token: Tensor2D = mean(h, [1, 2]); // [B,C]
  const byHead = (part: string): Tensor =>
    reshape(matMul(token, matrixAt(weights, `${name}.${part}.weight`)), [batch, UNET_HEADS, -1]);
  const d = channels / UNET_HEADS;
  const scores = mul(sum(mul(byHead("q"), byHead("k")), 2), 1 / Math.sqrt(d)); // [B,heads]
  const weighed = mul(reshape(softmax(scores), [batch, UNET_HEADS, 1]), byHead("v")); // [B,heads,d]
  const out = linear(reshape(weighed, [batch, channels]), ...linearAt(weights, `${name}.proj`));
  return reshape(out, [batch, 1, 1, channels]);
}
