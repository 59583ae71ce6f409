import {
  reshape,
  type Tensor1D,
  type Tensor3D,
  type Tensor4D,
  tensor1d,
  tensor4d,
} from "@tensorflow/tfjs-core";
import * as v from "valibot";
import { conv2d, downsampleAsymmetric, downsampleSymmetric, upsampleConv } from "#kernels/conv2d.ts";
import { geluTanh } from "#kernels/geluTanh.ts";
import { groupNorm } from "#kernels/groupNorm.ts";
import { layerNorm } from "#kernels/layerNorm.ts";
import { positionTable } from "#kernels/positionTable.ts";
import { rgb8 } from "#kernels/rgb8.ts";
import { silu } from "#kernels/silu.ts";
import { ditTimeFeatures, unetTimeFeatures } from "#kernels/timeFeatures.ts";
import { vqLookup } from "#kernels/vqLookup.ts";
import { toEngineLayout } from "#models/layout.ts";
import { CaseError } from "../caseError.ts";
import { type GoldenCase, inputOf, numbersOf, readConfig } from "../goldenCase.ts";
import {
  fromStates,
  fromTensor,
  type HostTensor,
  reshaped,
  toStates,
  toTensor1d,
  toTensor2d,
} from "../hostTensor.ts";
import type { Kind } from "../kind.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const schema = v.object({
  config: v.object({ groups: count, pos_embed_dim: count, pos_embed_grid: count }),
});
type Config = v.InferOutput<typeof schema>["config"];

/** Computes one output of the case. */
type Operation = (golden: GoldenCase, config: Config, name: string) => Promise<HostTensor>;

type Convolution = (x: Tensor4D, filter: Tensor4D, bias: Tensor1D) => Tensor4D;

/** The case's convolution of `image` by `convolve`. */
const convolved =
  (image: string, convolve: Convolution): Operation =>
  (golden) => {
    const { shape, values } = toEngineLayout(inputOf(golden, "conv_weight"), "filter");
    const [height = 0, width = 0, input = 0, output = 0] = shape;
    const filter = tensor4d(values, [height, width, input, output]);
    return fromStates(
      convolve(toStates(inputOf(golden, image)), filter, toTensor1d(inputOf(golden, "conv_bias"))),
    );
  };

/** Group normalisation with the eps in the output's name: `eps1em6` is 1e-6. */
const groupNormed: Operation = (golden, config, name) => {
  const eps = Number(/eps(\d+)em(\d+)$/.exec(name)?.slice(1).join("e-"));
  if (!(eps > 0)) throw new CaseError(`${name} names no eps`);
  const gamma = toTensor1d(inputOf(golden, "gn_weight"));
  const beta = toTensor1d(inputOf(golden, "gn_bias"));
  return fromStates(groupNorm(toStates(inputOf(golden, "gn_x")), gamma, beta, config.groups, eps));
};

/** The sinusoid of the case's times; its width is that of the expected output. */
const timeFeatures =
  (features: (times: readonly number[], width: number) => Float32Array): Operation =>
  async (golden, _config, name) => {
    const times = numbersOf(golden, "t");
    const width = golden.tensors.get(`out.${name}`)?.shape[1] ?? 0;
    return { shape: [times.length, width], values: features(times, width) };
  };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  layer_norm: async (golden) => {
    const x = inputOf(golden, "ln_x");
    const rows: Tensor3D = reshape(toTensor2d(x), [1, ...(x.shape as [number, number])]);
    return reshaped(await fromTensor(layerNorm(rows)), x.shape);
  },
  group_norm: groupNormed,
  gelu_tanh: async (golden) => {
    const u = inputOf(golden, "u");
    return reshaped(await fromTensor(geluTanh(reshape(tensor1d(u.values), [1, -1]))), u.shape);
  },
  silu: async (golden) => fromTensor(silu(toTensor1d(inputOf(golden, "u")))),
  time_dit: timeFeatures(ditTimeFeatures),
  time_unet: timeFeatures(unetTimeFeatures),
  down_asymmetric: convolved("image_even", downsampleAsymmetric),
  down_symmetric: convolved("image_even", downsampleSymmetric),
  up_conv: convolved("image_odd", upsampleConv),
  conv: convolved("image_odd", conv2d),
  pos_embed: async (_golden, { pos_embed_dim: width, pos_embed_grid: grid }) => ({
    shape: [1, grid * grid, width],
    values: positionTable(width, grid),
  }),
  vq_indices: async (golden) => {
    const z = inputOf(golden, "vq_z");
    const indices = vqLookup(z.values, inputOf(golden, "codebook").values, z.shape[1] ?? 0);
    return { shape: [1, indices.length, 1], values: Float32Array.from(indices) };
  },
  uint8: async (golden) => {
    const u = inputOf(golden, "u");
    return { shape: u.shape, values: u.values.map((value) => rgb8(value / 4)) };
  },
};

/** Single operations: the first one whose name an output's name starts with. */
export const operations: Kind = async ({ golden, compare }) => {
  const { config } = readConfig(golden, schema);
  for (const output of golden.outputs) {
    const name = output.replace(/^out\./, "");
    const operation = Object.entries(OPERATIONS).find(([prefix]) => name.startsWith(prefix))?.[1];
    if (operation) compare.output(name, await operation(golden, config, name));
  }
};
