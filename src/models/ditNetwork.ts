import {
  add,
  concat,
  reshape,
  slice,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tensor2d,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { attention } from "#kernels/attention.ts";
import { flatRange } from "#kernels/flatRange.ts";
import { gateResidual } from "#kernels/gateResidual.ts";
import { geluTanh } from "#kernels/geluTanh.ts";
import { linear } from "#kernels/linear.ts";
import { modulatedLayerNorm } from "#kernels/modulatedLayerNorm.ts";
import { patchify, unpatchify } from "#kernels/patches.ts";
import { selectRows } from "#kernels/selectRows.ts";
import { silu } from "#kernels/silu.ts";
import { ditTimeFeatures } from "#kernels/timeFeatures.ts";
import { type DiTConfig, ditSizes, TIME_FEATURES } from "./ditConfig.ts";
import type { Taps } from "./taps.ts";
import { linearAt, matrixAt, type WeightTensors } from "./tensors.ts";

/** Shift, scale and gate of one sub-layer; each [B,1,D], or [1,1,D] when all samples share them. */
type Modulation = readonly [shift: Tensor3D, scale: Tensor3D, gate: Tensor3D];

/** adaLN modulations of a whole evaluation. */
export interface DiTModulations {
  readonly blocks: readonly { readonly attention: Modulation; readonly mlp: Modulation }[];
  readonly final: readonly [shift: Tensor3D, scale: Tensor3D];
}

/** Velocity of the DiT at x [B,H,W,C] under given modulations; result [B,H,W,C]. The caller disposes the result.
 *  Weights may be variables: every op here has a gradient. Source: Peebles and Xie 2023, arXiv 2212.09748. */
export function ditVelocity(
  config: DiTConfig,
  weights: WeightTensors,
  x: Tensor4D,
  modulations: DiTModulations,
  tap?: Taps,
): Tensor4D {
  return tidy(() => {
    const { tokens: count } = ditSizes(config);
    const [batch, height, width, channels] = x.shape;
    const D = config.hidden_size;
    const as3D = (rows: Tensor2D): Tensor3D => reshape(rows, [batch, count, -1]);
    const as2D = (tokens: Tensor3D): Tensor2D => reshape(tokens, [batch * count, D]);

    const patches = patchify(x, config.patch_size); // [B·N,p·p·C], N = (H/p)(W/p)
    let tokens = as3D(linear(patches, ...linearAt(weights, "x_embedder.proj"))); // [B,N,D]
    tokens = add(tokens, matrixAt(weights, "pos_embed")); // [B,N,D]
    tap?.("tokens_after_patch_embed", tokens);
    modulations.blocks.forEach(
      ({ attention: [shiftA, scaleA, gateA], mlp: [shiftM, scaleM, gateM] }, index) => {
        const layer = (name: string) => linearAt(weights, `blocks.${index}.${name}`);
        tokens = tidy(() => {
          const normalA = modulatedLayerNorm(tokens, shiftA, scaleA); // [B,N,D]
          const qkv = linear(as2D(normalA), ...layer("attn.qkv")); // [B·N,3D]
          const mixed = attention(qkv, batch, config.num_heads); // [B·N,D]
          const attended = gateResidual(tokens, gateA, as3D(linear(mixed, ...layer("attn.proj")))); // [B,N,D]
          const normalM = modulatedLayerNorm(attended, shiftM, scaleM); // [B,N,D]
          const hidden = geluTanh(linear(as2D(normalM), ...layer("mlp.fc1"))); // [B·N,mlp]
          return gateResidual(attended, gateM, as3D(linear(hidden, ...layer("mlp.fc2")))); // [B,N,D]
        });
        tap?.(`tokens_after_block_${index}`, tokens);
      },
    );
    const normal = modulatedLayerNorm(tokens, ...modulations.final); // [B,N,D]
    const final = as3D(linear(as2D(normal), ...linearAt(weights, "final_layer.linear"))); // [B,N,p·p·Cout]
    tap?.("tokens_final", final);
    const image = unpatchify(final, config.patch_size); // [B,H,W,Cout]
    return config.learn_sigma ? slice(image, [0, 0, 0, 0], [batch, height, width, channels]) : image;
  });
}

/** Embedded times [R,D] from their sinusoids. The caller disposes the result. */
export const embedTimes = (weights: WeightTensors, times: readonly number[]): Tensor2D =>
  tidy(() => {
    const features = tensor2d(ditTimeFeatures(times, TIME_FEATURES), [times.length, TIME_FEATURES]);
    const hidden = silu(linear(features, ...linearAt(weights, "t_embedder.mlp.0"))); // [R,D]
    return linear(hidden, ...linearAt(weights, "t_embedder.mlp.2"));
  });

/** Embedded labels [R,D]. The caller disposes the result. */
export const embedClasses = (weights: WeightTensors, labels: readonly number[]): Tensor2D =>
  selectRows(labels, matrixAt(weights, "y_embedder.embedding_table.weight"));

/** All modulations of conditionings c [R,D] as rows [R,depth·6·D + 2·D]: block by block, the final layer last. The
 *  caller disposes the result. */
export const modulationRows = (config: DiTConfig, weights: WeightTensors, c: Tensor2D): Tensor2D =>
  tidy(() => {
    const active = silu(c);
    const blocks = Array.from({ length: config.depth }, (_, index) => `blocks.${index}`);
    const rows = [...blocks, "final_layer"].map((layer) =>
      linear(active, ...linearAt(weights, `${layer}.adaLN_modulation.1`)),
    );
    return concat(rows, 1);
  });

/** Modulations of one evaluation from its rows, one row a sample or one for all. The caller disposes the parts
 *  (call it in a tidy). */
export function splitModulations(config: DiTConfig, rows: Tensor2D): DiTModulations {
  const { hidden_size: D, depth } = config;
  const samples = rows.shape[0];
  // By part first, so that each part lies in one piece.
  const byPart = transpose(reshape(rows, [samples, 6 * depth + 2, D]), [1, 0, 2]);
  const part = (index: number): Tensor3D => flatRange(byPart, index * samples * D, [samples, 1, D]);
  const triple = (start: number): Modulation => [part(start), part(start + 1), part(start + 2)];
  const blocks = Array.from({ length: depth }, (_, index) => ({
    attention: triple(6 * index),
    mlp: triple(6 * index + 3),
  }));
  return { blocks, final: [part(6 * depth), part(6 * depth + 1)] };
}
