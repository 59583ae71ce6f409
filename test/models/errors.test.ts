import { memory, tensor4d } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { positionTable } from "#kernels/positionTable.ts";
import { createDecoder, decoderSpec, encoderSpec } from "#models/autoencoder.ts";
import type { AutoencoderConfig } from "#models/autoencoderConfig.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { ModelError, type ModelProblem } from "#models/modelError.ts";
import { createUNet } from "#models/unet.ts";
import { type UNetConfig, unetSpec } from "#models/unetConfig.ts";
import { useBackend } from "./support/backends.ts";
import { randomWeights } from "./support/randomWeights.ts";

const DIT: DiTConfig = {
  input_size: 4,
  patch_size: 2,
  in_channels: 4,
  hidden_size: 16,
  depth: 1,
  num_heads: 2,
  mlp_ratio: 2,
  num_classes: 3,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
const AUTOENCODER: AutoencoderConfig = {
  kind: "vq",
  image_channels: 3,
  latent_channels: 4,
  hidden_channels: 8,
  channel_multipliers: [1, 2],
  num_residual_blocks: 1,
  use_attention: false,
  residual_scale: 0.7,
  groups: 4,
  codebook_size: 16,
};
const UNET: UNetConfig = {
  input_size: 4,
  in_channels: 4,
  num_classes: 3,
  base_channels: 8,
  channel_mult: [1, 2],
  num_res_blocks: 1,
  attn_levels: [1],
  groups: 4,
};

/** The problem that `action` is refused for. */
function problemOf(action: () => unknown): ModelProblem {
  try {
    action();
  } catch (error) {
    if (error instanceof ModelError) return error.problem;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("impossible configs are refused by name, with their numbers", () => {
  test.each<[string, Partial<DiTConfig>, Partial<ModelProblem>]>([
    ["heads", { num_heads: 3 }, { kind: "HeadsDoNotDivide", hidden: 16, heads: 3 }],
    ["patch", { patch_size: 3 }, { kind: "PatchDoesNotDivide", inputSize: 4, patch: 3 }],
    ["no depth", { depth: 0 }, { kind: "BadConfig", field: "depth", value: 0 }],
    ["half a class", { num_classes: 2.5 }, { kind: "BadConfig", field: "num_classes", value: 2.5 }],
    ["width", { hidden_size: 18 }, { kind: "BadConfig", field: "hidden_size", value: 18 }],
    ["no MLP", { mlp_ratio: 0 }, { kind: "BadConfig", field: "mlp_ratio", value: 0 }],
    ["dropout", { class_dropout_prob: 1.5 }, { kind: "BadConfig", field: "class_dropout_prob", value: 1.5 }],
  ])("DiT: %s", (_, change, want) => {
    expect(problemOf(() => ditSpec({ ...DIT, ...change }))).toMatchObject(want);
  });

  test.each<[string, Partial<AutoencoderConfig>, Partial<ModelProblem>]>([
    ["groups", { groups: 3 }, { kind: "GroupsDoNotDivide", channels: 8, groups: 3 }],
    ["no level", { channel_multipliers: [] }, { kind: "BadConfig", field: "channel_multipliers" }],
    ["no codebook", { codebook_size: undefined }, { kind: "BadConfig", field: "codebook_size", value: 0 }],
    ["scale", { residual_scale: Number.NaN }, { kind: "BadConfig", field: "residual_scale" }],
  ])("autoencoder: %s", (_, change, want) => {
    const config = { ...AUTOENCODER, ...change };
    expect(problemOf(() => decoderSpec(config))).toMatchObject(want);
    expect(problemOf(() => encoderSpec(config))).toMatchObject(want);
  });

  test.each<[string, Partial<UNetConfig>, Partial<ModelProblem>]>([
    ["groups", { groups: 3 }, { kind: "GroupsDoNotDivide", channels: 8, groups: 3 }],
    ["size", { input_size: 5 }, { kind: "BadConfig", field: "input_size", value: 5 }],
    ["level", { attn_levels: [2] }, { kind: "BadConfig", field: "attn_levels", value: 2 }],
    ["no level", { channel_mult: [] }, { kind: "BadConfig", field: "channel_mult" }],
    ["heads", { base_channels: 3, groups: 1 }, { kind: "HeadsDoNotDivide", hidden: 6, heads: 4 }],
  ])("U-Net: %s", (_, change, want) => {
    expect(problemOf(() => unetSpec({ ...UNET, ...change }))).toMatchObject(want);
  });
});

describe.each(["cpu", "simd"] as const)(
  "weights and requests that do not fit are refused on %s, and nothing stays there",
  (backend) => {
    beforeAll(() => useBackend(backend));
    const weights = () => new Map(randomWeights(ditSpec(DIT), 1));

    test("a missing weight is named", () => {
      const before = memory().numTensors;
      const some = weights();
      some.delete("blocks.0.mlp.fc2.bias");
      const problem = problemOf(() => createDiT(DIT, some));
      expect(problem).toEqual({ kind: "MissingWeight", name: "blocks.0.mlp.fc2.bias" });
      expect(memory().numTensors).toBe(before);
    });

    test("a misshapen weight is named with both shapes", () => {
      const before = memory().numTensors;
      const some = new Map(randomWeights(decoderSpec(AUTOENCODER), 1));
      some.set("decoder.conv_in.bias", { shape: [8], values: new Float32Array(8) });
      const problem = problemOf(() => createDecoder(AUTOENCODER, some));
      expect(problem).toEqual({
        kind: "WrongShape",
        name: "decoder.conv_in.bias",
        expected: [16],
        actual: [8],
      });
      expect(memory().numTensors).toBe(before);
    });

    const storedTable = (change: (values: Float32Array) => Float32Array) =>
      weights().set("pos_embed", { shape: [1, 4, 16], values: change(positionTable(16, 2)) });
    /** Keeps the upper bits of float32 numbers, rounding to nearest as a conversion to half precision does. */
    const rounded = (values: Float32Array, droppedBits: number): Float32Array => {
      const half = 2 ** (droppedBits - 1);
      const words = new Uint32Array(values.buffer).map(
        (word) => ((word + half) >>> droppedBits) << droppedBits,
      );
      return new Float32Array(words.buffer);
    };

    test.each<[string, (values: Float32Array) => Float32Array]>([
      ["as computed", (values) => values],
      ["with the rounding of another sine", (values) => values.map((value) => value + 3e-7)],
      ["in half precision", (values) => rounded(values, 13)],
      ["in bfloat16", (values) => rounded(values, 16)],
    ])("the fixed position table is accepted %s", (_, change) => {
      createDiT(DIT, storedTable(change)).dispose();
    });

    test.each<[string, (values: Float32Array) => Float32Array]>([
      ["with rows and columns exchanged", (v) => v.map((_value, i) => v[i % 16 < 8 ? i + 8 : i - 8])],
      ["off by more than its rounding", (values) => values.map((value) => value + 3e-5)],
      [
        "in half precision and off by more than that",
        (v) =>
          rounded(
            v.map((value) => value + 1e-3),
            13,
          ),
      ],
      ["with a number that is none", (values) => values.with(5, Number.NaN)],
    ])("a position table is refused %s", (_, change) => {
      expect(problemOf(() => createDiT(DIT, storedTable(change)))).toMatchObject({
        kind: "PositionTableDiffers",
      });
    });

    test("labels outside the table, and the null label of a network that has none", () => {
      const plain = { ...DIT, class_dropout_prob: 0 };
      const model = createDiT(DIT, weights());
      const without = createDiT(plain, randomWeights(ditSpec(plain), 1));
      expect(problemOf(() => model.begin([0], [4], 1))).toEqual({
        kind: "LabelOutOfRange",
        label: 4,
        classes: 3,
      });
      expect(problemOf(() => model.begin([0], [-1], 1))).toMatchObject({
        kind: "LabelOutOfRange",
        label: -1,
      });
      expect(problemOf(() => model.begin([0], [0.5], 1))).toMatchObject({
        kind: "LabelOutOfRange",
        label: 0.5,
      });
      model.begin([0], [3], 1).end();
      expect(problemOf(() => without.begin([0], [3], 1))).toEqual({ kind: "NoNullLabel", classes: 3 });
      expect(problemOf(() => without.begin([0], [0], 1.5))).toEqual({ kind: "NoNullLabel", classes: 3 });
      model.dispose();
      without.dispose();
    });

    test("an evaluation that was not announced", () => {
      const model = createDiT(DIT, weights());
      const x = tensor4d(new Float32Array(64), [1, 4, 4, 4]);
      const trajectory = model.begin([0, 1], [0], 1);
      expect(problemOf(() => trajectory.velocity(2, x))).toEqual({
        kind: "NoSuchEvaluation",
        index: 2,
        evaluations: 2,
      });
      trajectory.end();
      x.dispose();
      model.dispose();
    });

    test("guidance of a U-Net, which has no null label", () => {
      const unet = createUNet(UNET, randomWeights(unetSpec(UNET), 1));
      expect(problemOf(() => unet.begin([0], [0], 2))).toEqual({ kind: "NoNullLabel", classes: 3 });
      expect(problemOf(() => unet.begin([0], [7], 1))).toMatchObject({ kind: "LabelOutOfRange", label: 7 });
      unet.dispose();
    });
  },
);
