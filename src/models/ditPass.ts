import {
  add,
  concat,
  dispose,
  pad,
  reshape,
  slice,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { addAll } from "#kernels/addAll.ts";
import { linear } from "#kernels/linear.ts";
import { linearInputGradient } from "#kernels/linearGradients.ts";
import { modulatedLayerNorm } from "#kernels/modulatedLayerNorm.ts";
import { modulatedLayerNormGradient } from "#kernels/modulatedLayerNormGradient.ts";
import { patchify, unpatchify } from "#kernels/patches.ts";
import { type BlockActivations, blockBackward, blockForward } from "./ditBlockPass.ts";
import { type DiTConfig, ditSizes } from "./ditConfig.ts";
import { embeddingBackward, embeddingForward } from "./ditEmbeddingPass.ts";
import { type DiTModulations, modulationRows, splitModulations } from "./ditNetwork.ts";
import type { LayerVisitor } from "./layerGradient.ts";
import { linearAt, matrixAt, type WeightTensors } from "./tensors.ts";

/** A forward pass that remembers what its backward pass needs. */
export interface DiTPass {
  /** Bit for bit that of `ditForward` [B,H,W,C]. The pass's own. */
  readonly velocity: Tensor4D;
  /** Goes back from ∂loss/∂velocity [B,H,W,C] and tells `visit` of every layer; the position table is fixed. */
  backward(dVelocity: Tensor4D, visit: LayerVisitor): void;
  dispose(): void;
}

const PATCHES = "x_embedder.proj";
const FINAL = "final_layer.linear";
const modulationOf = (layer: string): string => `${layer}.adaLN_modulation.1`;

/** Runs the DiT at x [B,H,W,C] with one time and one label a sample. The caller has checked the labels, disposes the
 *  pass, and keeps it no longer than a tidy around it.
 *  The way back is written out: tfjs's tape takes twenty times as long on tfjs-wasm (its gradients of products and slices
 *  leave the fast path), and shows nobody the gradients at layers' outputs, which ghost norms are made of. */
export function ditPass(
  config: DiTConfig,
  weights: WeightTensors,
  x: Tensor4D,
  times: readonly number[],
  labels: readonly number[],
): DiTPass {
  const { tokens: count, outChannels } = ditSizes(config);
  const { depth, patch_size: patch } = config;
  const [batch, height, width, channels] = x.shape;
  const as3D = (rows: Tensor2D): Tensor3D => reshape(rows, [batch, count, -1]);

  const embedding = embeddingForward(weights, times, labels);
  const modulations = modulationsOf(config, weights, embedding.c);
  const patches = patchify(x, patch); // [B·N,p·p·C]
  let tokens = tidy((): Tensor3D => {
    const embedded = as3D(linear(patches, ...linearAt(weights, PATCHES)));
    return add(embedded, matrixAt(weights, "pos_embed")); // [B,N,D]
  });
  const blocks: BlockActivations[] = []; // each holds its own input
  for (const modulation of modulations.blocks) {
    const { output, saved } = blockForward(config, weights, blocks.length, tokens, modulation);
    blocks.push(saved);
    tokens = output;
  }
  const last = tokens;
  const normal = tidy((): Tensor2D => {
    const modulated = modulatedLayerNorm(last, ...modulations.final);
    return reshape(modulated, [batch * count, config.hidden_size]);
  });
  const velocity = tidy((): Tensor4D => {
    const rows = linear(normal, ...linearAt(weights, FINAL)); // [B·N,p·p·Cout]
    const image = unpatchify(as3D(rows), patch); // [B,H,W,Cout]
    return config.learn_sigma ? slice(image, [0, 0, 0, 0], [batch, height, width, channels]) : image;
  });

  /** Back through the final layer. */
  const finalBackward = (dVelocity: Tensor4D) =>
    tidy(() => {
      const variance = outChannels - channels; // that of learn_sigma takes no part in a loss of velocities
      const before: [number, number] = [0, 0];
      const dImage = variance === 0 ? dVelocity : pad(dVelocity, [before, before, before, [0, variance]]);
      const delta = patchify(dImage as Tensor4D, patch); // [B·N,p·p·Cout]
      const dNormal = as3D(linearInputGradient(delta, matrixAt(weights, `${FINAL}.weight`)));
      const norm = modulatedLayerNormGradient(last, modulations.final[1], dNormal);
      const modulation: Tensor2D = reshape(concat([norm.shift, norm.scale], 2), [batch, -1]);
      return { delta, tokens: norm.x, modulation };
    });

  return {
    velocity,
    backward(dVelocity, visit): void {
      const intoActive: Tensor2D[] = []; // at silu(c), one from each adaLN layer
      const visitModulation = (layer: string, delta: Tensor2D): void => {
        const name = modulationOf(layer);
        visit({ kind: "linear", name, x: embedding.active, delta });
        intoActive.push(linearInputGradient(delta, matrixAt(weights, `${name}.weight`)));
      };
      const final = finalBackward(dVelocity);
      visit({ kind: "linear", name: FINAL, x: normal, delta: final.delta });
      visitModulation("final_layer", final.modulation);
      dispose([final.delta, final.modulation]);
      let dTokens = final.tokens;
      for (let index = depth - 1; index >= 0; index--) {
        const saved = blocks[index];
        const back = blockBackward(config, weights, index, saved, modulations.blocks[index], dTokens);
        const layer = `blocks.${index}`;
        visit({ kind: "linear", name: `${layer}.mlp.fc2`, x: saved.active, delta: back.fc2 });
        visit({ kind: "linear", name: `${layer}.mlp.fc1`, x: saved.normalM, delta: back.fc1 });
        visit({ kind: "linear", name: `${layer}.attn.proj`, x: saved.mixed, delta: back.proj });
        visit({ kind: "linear", name: `${layer}.attn.qkv`, x: saved.normalA, delta: back.qkv });
        visitModulation(layer, back.modulation);
        dispose([dTokens, back.fc2, back.fc1, back.proj, back.qkv, back.modulation]);
        dTokens = back.tokens;
      }
      const delta: Tensor2D = reshape(dTokens, [batch * count, config.hidden_size]);
      visit({ kind: "linear", name: PATCHES, x: patches, delta });
      const dActive = addAll(intoActive);
      embeddingBackward(weights, embedding, labels, dActive, visit);
      dispose([dTokens, delta, dActive, ...intoActive]);
    },
    dispose(): void {
      dispose([embedding, partsOf(modulations), patches, blocks, last, normal, velocity]);
    },
  };
}

/** The caller disposes the parts. */
function modulationsOf(config: DiTConfig, weights: WeightTensors, c: Tensor2D): DiTModulations {
  let modulations: DiTModulations | undefined;
  tidy(() => {
    modulations = splitModulations(config, modulationRows(config, weights, c));
    return partsOf(modulations); // these outlive the tidy
  });
  return modulations as DiTModulations;
}

const partsOf = ({ blocks, final }: DiTModulations): Tensor3D[] => [
  ...blocks.flatMap(({ attention, mlp }) => [...attention, ...mlp]),
  ...final,
];
