import { add, concat, mul, reshape, sum, type Tensor2D, type Tensor3D, tidy } from "@tensorflow/tfjs-core";
import { attention } from "#kernels/attention.ts";
import { attentionGradient } from "#kernels/attentionGradient.ts";
import { gateResidual } from "#kernels/gateResidual.ts";
import { geluTanh } from "#kernels/geluTanh.ts";
import { geluTanhGradient } from "#kernels/geluTanhGradient.ts";
import { linear } from "#kernels/linear.ts";
import { linearInputGradient } from "#kernels/linearGradients.ts";
import { modulatedLayerNorm } from "#kernels/modulatedLayerNorm.ts";
import { modulatedLayerNormGradient } from "#kernels/modulatedLayerNormGradient.ts";
import type { DiTConfig } from "./ditConfig.ts";
import type { DiTModulations } from "./ditNetwork.ts";
import { linearAt, matrixAt, type WeightTensors } from "./tensors.ts";

type BlockModulations = DiTModulations["blocks"][number];

/** A block's input, the inputs of its layers, and what lies between; 18·D numbers a token with an MLP of 4·D. */
export type BlockActivations = {
  readonly tokens: Tensor3D; // [B,N,D]
  readonly normalA: Tensor2D; // [B·N,D]
  readonly qkv: Tensor2D; // [B·N,3D]
  readonly mixed: Tensor2D; // [B·N,D]
  readonly projected: Tensor3D; // [B,N,D]
  readonly attended: Tensor3D; // [B,N,D]
  readonly normalM: Tensor2D; // [B·N,D]
  readonly hidden: Tensor2D; // [B·N,mlp]
  readonly active: Tensor2D; // [B·N,mlp]
  readonly mlpOut: Tensor3D; // [B,N,D]
};

/** Gradients that leave a block on the way back. */
export type BlockGradients = {
  readonly tokens: Tensor3D; // [B,N,D]
  /** At the output of adaLN_modulation.1 [B,6D]: shift, scale, gate of attention, then of the MLP. */
  readonly modulation: Tensor2D;
  /** At the outputs of the linear layers [B·N,…]. */
  readonly fc2: Tensor2D;
  readonly fc1: Tensor2D;
  readonly proj: Tensor2D;
  readonly qkv: Tensor2D;
};

const asRows = (x: Tensor3D): Tensor2D => reshape(x, [x.shape[0] * x.shape[1], x.shape[2]]);
const asTokens = (rows: Tensor2D, like: Tensor3D): Tensor3D =>
  reshape(rows, [like.shape[0], like.shape[1], rows.shape[1]]);

/** A block of `ditVelocity`, op by op the same, with its activations. The caller disposes all parts. */
export function blockForward(
  config: DiTConfig,
  weights: WeightTensors,
  index: number,
  tokens: Tensor3D,
  { attention: [shiftA, scaleA, gateA], mlp: [shiftM, scaleM, gateM] }: BlockModulations,
): { output: Tensor3D; saved: BlockActivations } {
  const layer = (name: string) => linearAt(weights, `blocks.${index}.${name}`);
  return tidy(() => {
    const normalA = asRows(modulatedLayerNorm(tokens, shiftA, scaleA));
    const qkv = linear(normalA, ...layer("attn.qkv"));
    const mixed = attention(qkv, tokens.shape[0], config.num_heads);
    const projected = asTokens(linear(mixed, ...layer("attn.proj")), tokens);
    const attended = gateResidual(tokens, gateA, projected);
    const normalM = asRows(modulatedLayerNorm(attended, shiftM, scaleM));
    const hidden = linear(normalM, ...layer("mlp.fc1"));
    const active = geluTanh(hidden);
    const mlpOut = asTokens(linear(active, ...layer("mlp.fc2")), tokens);
    const saved = { tokens, normalA, qkv, mixed, projected, attended, normalM, hidden, active, mlpOut };
    return { output: gateResidual(attended, gateM, mlpOut), saved };
  });
}

/** Back through that block from dOutput [B,N,D]. The caller disposes the parts. */
export function blockBackward(
  config: DiTConfig,
  weights: WeightTensors,
  index: number,
  saved: BlockActivations,
  { attention: [, scaleA, gateA], mlp: [, scaleM, gateM] }: BlockModulations,
  dOutput: Tensor3D,
): BlockGradients {
  const matrix = (name: string) => matrixAt(weights, `blocks.${index}.${name}.weight`);
  const { tokens, attended } = saved;
  return tidy(() => {
    const dGateM: Tensor3D = sum(mul(dOutput, saved.mlpOut), 1, true); // [B,1,D]
    const fc2 = asRows(mul(dOutput, gateM));
    const fc1 = geluTanhGradient(saved.hidden, linearInputGradient(fc2, matrix("mlp.fc2")));
    const dNormalM = asTokens(linearInputGradient(fc1, matrix("mlp.fc1")), attended);
    const normM = modulatedLayerNormGradient(attended, scaleM, dNormalM);
    const dAttended = add(dOutput, normM.x);
    const dGateA: Tensor3D = sum(mul(dAttended, saved.projected), 1, true);
    const proj = asRows(mul(dAttended, gateA));
    const dMixed = linearInputGradient(proj, matrix("attn.proj"));
    const qkv = attentionGradient(saved.qkv, dMixed, tokens.shape[0], config.num_heads);
    const dNormalA = asTokens(linearInputGradient(qkv, matrix("attn.qkv")), tokens);
    const normA = modulatedLayerNormGradient(tokens, scaleA, dNormalA);
    const modulation = asRows(
      concat([normA.shift, normA.scale, dGateA, normM.shift, normM.scale, dGateM], 2),
    );
    return { tokens: add(dAttended, normA.x), modulation, fc2, fc1, proj, qkv };
  });
}
