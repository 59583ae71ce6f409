import {
  add,
  dispose,
  matMul,
  mul,
  type Tensor,
  type Tensor2D,
  tensor,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { normals } from "#flow/noise.ts";
import { STREAMS } from "#flow/uniforms.ts";
import { linearInputGradient, linearWeightGradient } from "#kernels/linearGradients.ts";
import { uploadDiT } from "#models/dit.ts";
import { type DiTConfig, ditSizes } from "#models/ditConfig.ts";
import { disposeTensors, matrixAt, type WeightTensors } from "#models/tensors.ts";
import type { WeightArray, WeightMap } from "#models/weights.ts";
import { LORA_A, LORA_B, mergedWeight, pairOf, transposedValues } from "./loraPairs.ts";
import { layoutOf, type ParameterLayout, partOf } from "./parameters.ts";
import type { LoadedNetwork, Trainable } from "./trainable.ts";
import { TrainingError } from "./trainingError.ts";
import { tableGradient } from "./wholeGradients.ts";

export interface LoraOptions {
  /** Rank r of the added matrices, 1 or more. */
  readonly rank: number;
  /** What is added is scaled by alpha/r, so that a learning rate serves every rank. */
  readonly alpha: number;
  /** Linear layers that get matrices, by their names inside a block. */
  readonly layers: readonly string[];
}

export const DEFAULT_LORA: LoraOptions = {
  rank: 8,
  alpha: 8,
  layers: ["attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2", "adaLN_modulation.1"],
};

/** Low-rank training, whose result can also leave by itself. */
export interface LoraTraining extends Trainable {
  /** `${layer}.lora_A.weight` [r,in], `${layer}.lora_B.weight` [out,r], and the label table in full. */
  adapter(values: Float32Array): WeightMap;
}

const LABEL_TABLE = "y_embedder.embedding_table.weight";

/** W + alpha/r·A·B is trained in A [in,r] and B [r,out] for the chosen layers of every block, W standing still; and the
 *  label table, so that a new class has a row of its own. B begins at 0 and A at N(0, 1/in), by stream 8 of the seed: the
 *  first step starts from the network as it is.
 *  Throws TrainingError BadOption, NoSuchLayer, and what `uploadDiT` throws. Source: Hu et al. 2021, arXiv 2106.09685. */
export function loraTraining(
  config: DiTConfig,
  weights: WeightMap,
  options: LoraOptions,
  seed: number,
): LoraTraining {
  const { rank, alpha } = options;
  if (!(Number.isSafeInteger(rank) && rank >= 1))
    throw new TrainingError({
      kind: "BadOption",
      option: "rank",
      value: rank,
      reason: "1 or more, a whole number",
    });
  const scale = alpha / rank;
  const names = layerNames(config, weights, options);
  const frozen = uploadDiT(config, weights);
  const layout = loraLayout(config, names, frozen, rank);
  const { labelRows } = ditSizes(config);

  return {
    config,
    layout,
    inPlace: false, // the network has the sums W + s·A·B
    initial() {
      const values = new Float32Array(layout.size);
      let drawn = 0;
      for (const [name, slot] of layout.slots) {
        if (name === LABEL_TABLE) partOf(values, slot).set(weights.get(name)?.values ?? []);
        if (!name.endsWith(LORA_A)) continue;
        const spread = 1 / Math.sqrt(slot.shape[0]);
        partOf(values, slot).set(
          normals(seed, STREAMS.initialWeights, slot.size, drawn).map((value) => value * spread),
        );
        drawn += slot.size;
      }
      return values;
    },
    load: (values) => load(frozen, layout, names, scale, labelRows, values),
    weights(values) {
      const merged = new Map(weights);
      const table = layout.slots.get(LABEL_TABLE);
      if (table) merged.set(LABEL_TABLE, { shape: table.shape, values: partOf(values, table).slice() });
      for (const name of names) {
        const weight = weights.get(`${name}.weight`);
        if (weight) merged.set(`${name}.weight`, mergedWeight(weight, pairOf(layout, name, values), scale));
      }
      return merged;
    },
    adapter(values) {
      const map = new Map<string, WeightArray>();
      const table = layout.slots.get(LABEL_TABLE);
      if (table) map.set(LABEL_TABLE, { shape: table.shape, values: partOf(values, table).slice() });
      for (const name of names) {
        const { a, b, inputs, outputs } = pairOf(layout, name, values);
        map.set(`${name}${LORA_A}.weight`, {
          shape: [rank, inputs],
          values: transposedValues(a, inputs, rank),
        });
        map.set(`${name}${LORA_B}.weight`, {
          shape: [outputs, rank],
          values: transposedValues(b, rank, outputs),
        });
      }
      return map;
    },
    dispose: () => disposeTensors(frozen),
  };
}

function layerNames(config: DiTConfig, weights: WeightMap, { layers }: LoraOptions): string[] {
  return Array.from({ length: config.depth }, (_, index) =>
    layers.map((layer) => {
      const name = `blocks.${index}.${layer}`;
      if (weights.get(`${name}.weight`)?.shape.length !== 2)
        throw new TrainingError({ kind: "NoSuchLayer", layer: name });
      return name;
    }),
  ).flat();
}

function loraLayout(
  config: DiTConfig,
  names: readonly string[],
  frozen: WeightTensors,
  rank: number,
): ParameterLayout {
  const pairs = names.flatMap((name): [string, number[]][] => {
    const [inputs, outputs] = matrixAt(frozen, `${name}.weight`).shape;
    return [
      [`${name}${LORA_A}`, [inputs, rank]],
      [`${name}${LORA_B}`, [rank, outputs]],
    ];
  });
  return layoutOf([...pairs, [LABEL_TABLE, [ditSizes(config).labelRows, config.hidden_size]]]);
}

function load(
  frozen: WeightTensors,
  layout: ParameterLayout,
  names: readonly string[],
  scale: number,
  labelRows: number,
  values: Float32Array,
): LoadedNetwork {
  const pairs = new Map<string, readonly [a: Tensor2D, b: Tensor2D]>();
  const own = new Map<string, Tensor>();
  for (const name of names) {
    const { a, b, inputs, outputs, rank } = pairOf(layout, name, values);
    const pair = [tensor2d(a, [inputs, rank]), tensor2d(b, [rank, outputs])] as const;
    pairs.set(name, pair);
    const weight = matrixAt(frozen, `${name}.weight`);
    own.set(
      `${name}.weight`,
      tidy(() => add(weight, mul(matMul(...pair), scale))),
    );
  }
  const table = layout.slots.get(LABEL_TABLE);
  if (table) own.set(LABEL_TABLE, tensor(partOf(values, table), [...table.shape], "float32"));
  return {
    tensors: new Map([...frozen, ...own]),
    visitor: (take) => (gradient) => {
      if (gradient.kind === "table")
        return void take(LABEL_TABLE, tableGradient(gradient.labels, gradient.delta, labelRows));
      const { name, x, delta } = gradient;
      const pair = pairs.get(name);
      if (!pair) return;
      // With W' = W + s·A·B: ∂/∂A = s·xᵀ·(delta·Bᵀ), ∂/∂B = s·(x·A)ᵀ·delta; both thin.
      const [a, b] = pair;
      take(
        `${name}${LORA_A}`,
        tidy(() => mul(linearWeightGradient(x, linearInputGradient(delta, b)), scale)),
      );
      take(
        `${name}${LORA_B}`,
        tidy(() => mul(linearWeightGradient(matMul(x, a), delta), scale)),
      );
    },
    unload: () => dispose([...own.values(), ...[...pairs.values()].flat()]),
  };
}
