import { add, div, mul, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { findModel } from "#checkpoints/manifest.ts";
import { parseSafetensors } from "#checkpoints/safetensors.ts";
import { checkWeights } from "#checkpoints/weights.ts";
import { uniformGrid } from "#flow/grid.ts";
import { guide } from "#flow/guidance.ts";
import { initialNoise } from "#flow/noise.ts";
import { toRgba8 } from "#kernels/rgb8.ts";
import { createDecoder, decoderSpec } from "#models/autoencoder.ts";
import { createDiT } from "#models/dit.ts";
import { ditSpec } from "#models/ditConfig.ts";
import { createUNet } from "#models/unet.ts";
import { unetSpec } from "#models/unetConfig.ts";
import type { WeightSpec } from "#models/weights.ts";
import { scriptedBackends, testEngine, tinyJob } from "./testEngine.ts";

type TestEngine = Awaited<ReturnType<typeof testEngine>>;

/** One picture of seed 3, class 1. */
const job = (model: string, changes = {}) =>
  tinyJob({ images: [{ seed: 3, label: 1 }], previews: false, model, ...changes });

/** Weights of a file of the tiny family. */
function weightsOf({ files }: TestEngine, file: string, spec: WeightSpec) {
  const parsed = parseSafetensors(files.get(file) ?? new Uint8Array());
  if (!parsed.ok) throw new Error(parsed.error.kind);
  const checked = checkWeights(parsed.value.tensors, spec);
  if (!checked.ok) throw new Error(checked.error.kind);
  return checked.value.weights;
}

describe("an engine with variants", () => {
  let t: TestEngine;
  beforeAll(async () => {
    t = await testEngine(scriptedBackends());
    t.start();
    t.engine.handle({
      type: "load",
      id: 1,
      family: "tiny",
      parts: ["decoder", "light", "heavy", "model:narrow", "model:round", "model:foreign", "decoder:second"],
    });
    await t.engine.idle();
  });

  let lastJob = 10;
  /** The one picture of a job, or the error that it ended with. */
  async function draw(model: string, changes = {}) {
    const id = ++lastJob;
    t.engine.handle({ type: "generate", id, job: job(model, changes) });
    await t.engine.idle();
    const image = t.of("image").find((event) => event.id === id);
    const failed = t.of("failed").find((event) => event.id === id);
    return { image, error: failed?.error };
  }
  const filesOfModel = (name: string) =>
    t.manifest.families[0]?.models.find((model) => model.name === name)?.files.map((file) => file.sha256);

  test("draws each by its name, every one another picture, with the hashes of what drew it", async () => {
    const shas = new Set<string>();
    for (const name of ["light", "narrow", "round", "foreign"]) {
      const { image } = await draw(name);
      expect(image?.settings).toMatchObject({ model: name, models: { light: filesOfModel(name) } });
      expect(image?.settings.nfe).toEqual({ light: 10, heavy: 0 });
      shas.add(image?.sha256 ?? "");
    }
    expect(shas.size).toBe(4);
  });

  test("puts a variant in the light one's place of coarse-to-fine", async () => {
    const { image } = await draw("c2f:narrow");
    expect(image?.settings.models).toMatchObject({
      light: filesOfModel("narrow"),
      heavy: filesOfModel("heavy"),
    });
    expect(image?.sha256).not.toBe((await draw("c2f")).image?.sha256);
    expect((await draw("c2f:narrow", { tau: 0 })).image?.sha256).toBe((await draw("heavy")).image?.sha256);
    expect((await draw("c2f:narrow", { tau: 1 })).image?.sha256).toBe((await draw("narrow")).image?.sha256);
    expect((await draw("c2f:light:heavy")).image?.sha256).toBe((await draw("c2f")).image?.sha256);
  });

  test("puts another model in the heavy one's place", async () => {
    expect((await draw("c2f:light:narrow", { tau: 0 })).image?.sha256).toBe(
      (await draw("narrow")).image?.sha256,
    );
  });

  test("refuses a name that there is not, and latents that do not go together, in plain words", async () => {
    expect((await draw("zoo-none")).error).toEqual({
      kind: "InvalidJob",
      field: "model",
      detail: "There is no model 'zoo-none' in tiny. There is: c2f, light, heavy, narrow, round, foreign.",
    });
    expect((await draw("c2f:foreign")).error).toEqual({
      kind: "InvalidJob",
      field: "model",
      detail:
        "foreign and heavy draw in the latents of different autoencoders, so one cannot go on where the other stops.",
    });
  });

  test("draws in other latents with their own shape, scale and decoder", async () => {
    const family = t.manifest.families[0];
    const entry = family && findModel(family, "foreign");
    const second = family?.autoencoders?.[0];
    if (entry?.architecture !== "dit" || !second) throw new Error("the tiny family has changed");
    const { image } = await draw("foreign", { guidance: 1 });
    const network = createDiT(entry.config, weightsOf(t, "tiny/foreign.safetensors", ditSpec(entry.config)));
    const decoder = createDecoder(
      second.config,
      weightsOf(t, "tiny/second-decoder.safetensors", decoderSpec(second.config)),
    );
    const grid = uniformGrid(11);
    let x = initialNoise([3], { channels: 2, height: 4, width: 4 });
    for (let i = 0; i < 10; i++) x = add(x, mul(network.forward(x, [grid[i]], [1]), grid[i + 1] - grid[i]));
    const pixels = decoder.decode(div<Tensor4D>(x, 0.5));
    expect(Buffer.from(image?.rgba ?? new ArrayBuffer())).toEqual(
      Buffer.from(toRgba8(await pixels.data<"float32">())),
    );
  });

  test("guides a U-Net by its last label row", async () => {
    const family = t.manifest.families[0];
    const entry = family && findModel(family, "round");
    if (entry?.architecture !== "unet") throw new Error("the tiny family has changed");
    const weights = weightsOf(t, "tiny/round.safetensors", unetSpec(entry.config));
    const network = createUNet(entry.config, weights, 2);
    const x = initialNoise([3], { channels: 4, height: 4, width: 4 });
    const guided = await network.begin([0.3], [1], 2.5).velocity(0, x).data();
    const by = guide(network.forward(x, [0.3], [2]), network.forward(x, [0.3], [1]), 2.5);
    expect([...guided]).toEqual([...(await by.data())]);
    expect((await draw("round", { guidance: 1 })).image?.sha256).not.toBe(
      (await draw("round")).image?.sha256,
    );
    expect(() => createUNet(entry.config, weights).begin([0.3], [1], 2.5)).toThrow("NoNullLabel");
  });

  test("shows no previews in other latents, whose map to colours nobody fitted", async () => {
    await draw("foreign", { previews: true, steps: 200 });
    expect(t.of("preview").filter((event) => event.id === lastJob)).toEqual([]);
  });
});

test("a variant waits for no more than its own parts, and says which one is missing", async () => {
  const t = await testEngine(scriptedBackends());
  t.start();
  t.engine.handle({ type: "load", id: 1, family: "tiny", parts: ["decoder", "model:narrow"] });
  t.engine.handle({ type: "generate", id: 2, job: job("narrow") });
  t.engine.handle({ type: "generate", id: 3, job: job("foreign") });
  t.engine.handle({ type: "load", id: 4, family: "tiny", parts: ["model:nothing"] });
  await t.engine.idle();
  expect(t.of("done").map((event) => event.id)).toEqual([2]);
  expect(t.of("failed").map(({ id, error }) => [id, error])).toEqual([
    [4, { kind: "NotLoaded", part: "model:nothing" }],
    [3, { kind: "NotLoaded", part: "decoder:second" }],
  ]);
});
