import { tensor4d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { FileEntry } from "#checkpoints/manifest.ts";
import { writeSafetensors } from "#checkpoints/safetensors.ts";
import type { RawTensor } from "#checkpoints/tensor.ts";
import { normals } from "#flow/noise.ts";
import { positionTable } from "#kernels/positionTable.ts";
import { beginDiT, createDiT } from "#models/dit.ts";
import { ditSpec } from "#models/ditConfig.ts";
import type { DiT } from "#models/ditModel.ts";
import type { WeightMap } from "#models/weights.ts";
import { arrivingWeights } from "#workers/arrivingWeights.ts";
import { EngineFailure } from "#workers/errors.ts";
import { checkpointOf } from "#workers/weightFiles.ts";
import { useBackend } from "../models/support/backends.ts";
import { randomWeights } from "../models/support/randomWeights.ts";

const config = {
  input_size: 4,
  patch_size: 2,
  in_channels: 4,
  hidden_size: 16,
  depth: 2,
  num_heads: 2,
  mlp_ratio: 2,
  num_classes: 3,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
const spec = ditSpec(config);
const weights: WeightMap = new Map([
  ...randomWeights(spec, 3),
  ["pos_embed", { shape: [1, 4, 16], values: positionTable(16, 2) }],
]);

/** The weights in shards, every `count`-th in one: layers are torn apart. */
function shardsOf(all: WeightMap, count: number) {
  const shards = Array.from({ length: count }, () => new Map<string, RawTensor>());
  [...all].forEach(([name, { shape, values }], i) => {
    shards[i % count].set(name, { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) });
  });
  const files = shards.map((_, i): FileEntry => ({ file: `part-${i}`, bytes: 0, sha256: "" }));
  return { files, bytes: shards.map((tensors) => writeSafetensors(tensors)) };
}

const begun = () => {
  const network = beginDiT(config);
  if (!network) throw new Error("there are no kernels");
  return network;
};

const velocity = (dit: DiT): Float32Array =>
  tidy(() =>
    dit.forward(tensor4d(normals(1, 0, 128), [2, 4, 4, 4]), [0.2, 0.7], [0, 2]).dataSync<"float32">(),
  );

const problemOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error instanceof EngineFailure ? error.error : error;
  }
};

describe("a network whose weights come file by file", () => {
  beforeAll(() => useBackend("simd"));

  test.each([1, 2, 3])("is the one that is made of all of them at once, from %i shards", (count) => {
    const { files, bytes } = shardsOf(weights, count);
    const arriving = arrivingWeights(spec, begun());
    for (const shard of bytes) arriving.file(shard);
    const network = arriving.finish(checkpointOf(files, bytes));
    const whole = createDiT(config, weights);
    expect(velocity(network)).toEqual(velocity(whole));
    network.dispose();
    whole.dispose();
  });

  test("also takes what no file brought before the end", () => {
    const { files, bytes } = shardsOf(weights, 3);
    const arriving = arrivingWeights(spec, begun());
    arriving.file(bytes[1]);
    const network = arriving.finish(checkpointOf(files, bytes));
    expect(velocity(network)).toEqual(velocity(createDiT(config, weights)));
  });

  test("has handed over everything by the end, so that nothing is left to be done", () => {
    const { files, bytes } = shardsOf(weights, 3);
    const offered: string[] = [];
    const network = begun();
    const arriving = arrivingWeights(spec, {
      ...network,
      offer(name, weight) {
        offered.push(name);
        network.offer(name, weight);
      },
    });
    bytes.forEach((shard, i) => {
      arriving.file(shard);
      expect(offered).toHaveLength([...weights].filter((_, at) => at % 3 <= i).length);
    });
    arriving.finish(checkpointOf(files, bytes)).dispose();
    expect(offered.toSorted()).toEqual([...weights.keys()].toSorted());
  });

  test.each([
    ["misshapen", { shape: [15], values: new Float32Array(15) }, "Wrong shape (1): blocks.1.attn.proj.bias"],
    [
      "not finite",
      { shape: [16], values: new Float32Array(16).fill(Number.NaN) },
      "Not finite (1): blocks.1.attn.proj.bias",
    ],
  ])("is refused with the name of a weight that is %s", (_, broken, words) => {
    const { files, bytes } = shardsOf(new Map([...weights, ["blocks.1.attn.proj.bias", broken]]), 2);
    const network = begun();
    const arriving = arrivingWeights(spec, network);
    for (const shard of bytes) arriving.file(shard);
    expect(problemOf(() => arriving.finish(checkpointOf(files, bytes)))).toMatchObject({
      kind: "BadCheckpoint",
      detail: expect.stringContaining(words),
    });
    network.abandon();
  });
});
