import { beforeAll, describe, expect, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import type { Manifest } from "#checkpoints/manifest.ts";
import type { RawTensor } from "#checkpoints/tensor.ts";
import { parseTorch } from "#checkpoints/torch.ts";
import { positionTable } from "#kernels/positionTable.ts";
import type { ImportError } from "#library/importError.ts";
import type { BroughtFile } from "#library/readModel.ts";
import { ditSpec } from "#models/ditConfig.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";
import {
  expectOk,
  golden,
  oneClass,
  readAndInspect,
  safetensors,
  tensorsIn,
  tinyWeights,
} from "./support.ts";

describe("a checkpoint of a known network", () => {
  let manifest: Manifest;
  beforeAll(async () => {
    manifest = await oneClass();
  });

  test.each([
    ["12_model_f32.safetensors", null, "F32"],
    ["12_model_f16.safetensors", null, "F16"],
    ["12_model_bf16.safetensors", null, "BF16"],
    ["12_checkpoint.pt", "ema", "F32"],
    ["12_state_dict_only.pt", "bare", "F32"],
  ] as const)("%s is read, its sizes told by its tensors", async (name, source, precision) => {
    const { draft } = expectOk(await readAndInspect([await golden(name)], manifest));
    expect(draft).toMatchObject({ source, precision, fits: [{ family: "tiny", newClasses: 0 }] });
    expect(draft.network).toMatchObject({
      architecture: "dit",
      config: {
        input_size: 4,
        patch_size: 2,
        in_channels: 4,
        hidden_size: 16,
        depth: 1,
        mlp_ratio: 4,
        num_classes: 1,
        class_dropout_prob: 0,
      },
    });
    // What no shape tells is named: the release's config gives the dropout, nothing the heads.
    expect(draft.assumed).toContain("num_heads");
  });

  test("a PyTorch checkpoint gives its averaged weights, not its raw ones", async () => {
    const file = await golden("12_checkpoint.pt");
    const { tensors } = expectOk(await readAndInspect([file], manifest));
    const ema = expectOk(parseTorch(file.bytes, "ema")).tensors;
    const raw = expectOk(parseTorch(file.bytes, "model")).tensors;
    const name = "blocks.0.attn.qkv.weight";
    const values = (tensor: RawTensor | undefined) => [
      ...toFloat32(tensor ?? { dtype: "F32", shape: [], bytes: new Uint8Array() }),
    ];
    expect(values(tensors.get(name))).toEqual(values(ema.get(name)));
    expect(values(tensors.get(name))).not.toEqual(values(raw.get(name)));
  });

  test("what a training wrapper puts before every name is taken away", async () => {
    const { bytes } = await golden("12_model_f32.safetensors");
    const wrapped = new Map([...tensorsIn(bytes)].map(([name, tensor]) => [`module.${name}`, tensor]));
    const { draft } = expectOk(await readAndInspect([safetensors("x.safetensors", wrapped)], manifest));
    expect(draft.leftOut).toEqual([]);
  });

  test("a config beside the file gives what the tensors do not tell", async () => {
    const config = { name: "config.json", bytes: new TextEncoder().encode('{"num_heads": 2}') };
    const files = [config, await golden("12_model_f32.safetensors")];
    const { draft } = expectOk(await readAndInspect(files, manifest));
    expect(draft.network.config).toMatchObject({ num_heads: 2 });
    expect(draft.assumed).not.toContain("num_heads");
  });

  test("numbered shards make one model, in any order", async () => {
    const { bytes } = await golden("12_model_f32.safetensors");
    const all = [...tensorsIn(bytes)];
    const shard = (from: number, to: number, name: string) => safetensors(name, new Map(all.slice(from, to)));
    const shards = [
      shard(9, all.length, "m-00002-of-00002.safetensors"),
      shard(0, 9, "m-00001-of-00002.safetensors"),
    ];
    const whole = expectOk(await readAndInspect([{ name: "m.safetensors", bytes }], manifest));
    const joined = expectOk(await readAndInspect(shards, manifest));
    expect([...joined.tensors]).toEqual([...whole.tensors]);
    await expect(errorOf([shards[0]], manifest)).resolves.toMatchObject({
      kind: "ShardsDoNotFit",
      detail: "The shard m-00001-of-00002.safetensors is missing.",
    });
  });
});

test("a U-Net is told by its tensors too", async () => {
  const { manifest, files } = await tinyFamily();
  const bytes = files.get("tiny/round.safetensors") ?? new Uint8Array();
  const config = { name: "config.json", bytes: new TextEncoder().encode('{"groups": 2, "input_size": 4}') };
  const { draft } = expectOk(await readAndInspect([{ name: "round.safetensors", bytes }, config], manifest));
  const round = manifest.families[0].models.find(({ name }) => name === "round");
  expect(draft.network).toEqual({ architecture: "unet", config: round?.config });
  expect(draft.assumed).toEqual([]);
});

test("a model of further latents is offered these and no others", async () => {
  const { manifest, files } = await tinyFamily();
  const bytes = files.get("tiny/foreign.safetensors") ?? new Uint8Array();
  const { draft } = expectOk(await readAndInspect([{ name: "foreign.safetensors", bytes }], manifest));
  expect(draft.fits).toEqual([{ family: "tiny", autoencoder: "second", newClasses: 0 }]);
});

describe("files that are no model for this page", () => {
  let manifest: Manifest;
  let light: ReadonlyMap<string, RawTensor>;
  let files: Map<string, Uint8Array>;
  beforeAll(async () => {
    const tiny = await tinyFamily();
    ({ manifest, files } = tiny);
    light = tensorsIn(files.get("tiny/light.safetensors") ?? new Uint8Array());
  });

  test("every name that is missing, misshapen or unexpected is listed", async () => {
    const tensors = new Map(light);
    tensors.delete("blocks.0.mlp.fc2.bias");
    tensors.set("blocks.0.attn.qkv.bias", zeros(47));
    tensors.set("blocks.0.attn.q_norm.weight", zeros(8));
    tensors.set("final_layer.linear.bias", {
      ...zeros(16),
      bytes: new Uint8Array(new Float32Array(16).fill(Number.NaN).buffer),
    });
    expect(await errorOf([safetensors("light.safetensors", tensors)], manifest)).toEqual({
      kind: "WeightsDoNotFit",
      network: "DiT 1 × 16, 1 heads, patch 2, latents 4 × 4 × 4, 3 label rows",
      difference: {
        kind: "WeightsMismatch",
        missing: ["blocks.0.mlp.fc2.bias"],
        misshapen: [{ name: "blocks.0.attn.qkv.bias", expected: [48], actual: [47] }],
        unexpected: ["blocks.0.attn.q_norm.weight"],
        nonFinite: [{ name: "final_layer.linear.bias", count: 16 }],
      },
    });
  });

  test("a tensor too many is left out and named", async () => {
    const tensors = new Map([...light, ["extra", zeros(3)]]);
    const { draft, tensors: kept } = expectOk(
      await readAndInspect([safetensors("l.safetensors", tensors)], manifest),
    );
    expect(draft.leftOut).toEqual(["extra"]);
    expect(kept.has("extra")).toBe(false);
  });

  test.each([
    [
      "nothing that holds weights",
      () => [text("notes.txt", "hello")],
      { kind: "NothingToRead", files: ["notes.txt"] },
    ],
    [
      "a damaged safetensors file",
      () => [text("a.safetensors", "1234")],
      { kind: "Unreadable", file: "a.safetensors" },
    ],
    ["a damaged checkpoint", () => [text("a.pt", "1234")], { kind: "Unreadable", file: "a.pt" }],
    [
      "two models",
      () => [safetensors("a.safetensors", light), safetensors("b.safetensors", light)],
      { kind: "SeveralModels", files: ["a.safetensors", "b.safetensors"] },
    ],
    [
      "an autoencoder",
      () => [file("tiny/decoder.safetensors")],
      { kind: "UnknownNetwork", looksLike: "autoencoder" },
    ],
    [
      "something else",
      () => [safetensors("a.safetensors", new Map([["w", zeros(2)]]))],
      { kind: "UnknownNetwork", looksLike: "nothing known", names: ["w"] },
    ],
    [
      "a config that is none",
      () => [text("config.json", "[1]"), safetensors("a.safetensors", light)],
      { kind: "BadDescription", file: "config.json" },
    ],
    [
      "a foreign position table",
      () => [
        safetensors("a.safetensors", new Map([...light, ["pos_embed", { ...zeros(64), shape: [1, 4, 16] }]])),
      ],
      { kind: "PositionTableDiffers" },
    ],
    [
      "too few classes",
      () => [
        safetensors(
          "a.safetensors",
          new Map([...light, ["y_embedder.embedding_table.weight", { ...zeros(16), shape: [1, 16] }]]),
        ),
      ],
      { kind: "TooFewClasses", classes: 1, needed: 2 },
    ],
    [
      "low-rank matrices that do not say for what",
      () => [safetensors("a.safetensors", new Map([["blocks.0.attn.qkv.lora_A.weight", zeros(2)]]))],
      { kind: "BadDescription" },
    ],
  ] as const)("%s: the error has its name", async (_, brought, error) => {
    expect(await errorOf(brought(), manifest)).toMatchObject(error);
  });

  test("latents that no family has are said with those that there are", async () => {
    const { entry } = await tinyWeights("light");
    if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
    const config = { ...entry.config, input_size: 8 };
    const tensors = new Map(
      [...ditSpec(config)].map(([name, shape]): [string, RawTensor] => {
        const values =
          name === "pos_embed" ? positionTable(16, 4) : new Float32Array(shape.reduce((a, b) => a * b, 1));
        return [name, { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) }];
      }),
    );
    expect(await errorOf([safetensors("larger.safetensors", tensors)], manifest)).toEqual({
      kind: "NoFamily",
      channels: 4,
      size: 8,
      known: [
        { family: "tiny", autoencoder: null, channels: 4, size: 4, classes: 2 },
        { family: "tiny", autoencoder: "second", channels: 2, size: 4, classes: 2 },
      ],
    });
  });

  const file = (name: string): BroughtFile => ({ name, bytes: files.get(name) ?? new Uint8Array() });
});

const text = (name: string, contents: string): BroughtFile => ({
  name,
  bytes: new TextEncoder().encode(contents),
});
const zeros = (size: number): RawTensor => ({ dtype: "F32", shape: [size], bytes: new Uint8Array(4 * size) });

async function errorOf(files: readonly BroughtFile[], manifest: Manifest): Promise<ImportError> {
  const result = await readAndInspect(files, manifest);
  if (result.ok) throw new Error("was taken for a model");
  return result.error;
}
