import { beforeAll, expect, test } from "vitest";
import type { Manifest } from "#checkpoints/manifest.ts";
import { exportedFiles } from "#library/exportModel.ts";
import { modelOfDraft } from "#library/keepDraft.ts";
import type { LocalModel } from "#library/localModel.ts";
import type { LocalModels } from "#library/localModels.ts";
import { memoryLocalModels } from "../library/memoryLocalModels.ts";
import { expectOk, readAndInspect, tunedTiny, usualAnswers } from "../library/support.ts";
import { scriptedBackends, testEngine, tinyJob } from "./testEngine.ts";

/** An engine on real wasm, with its own store. */
async function engineWith(store: LocalModels) {
  const t = await testEngine({ ...scriptedBackends(undefined, "wasm"), localModels: store });
  let id = 0;
  return {
    ...t,
    begin: async (): Promise<Manifest> => {
      t.start("wasm");
      await t.engine.idle();
      return lastManifest();
    },
    lastManifest: (): Manifest => lastManifest(),
    follow: async () => {
      t.engine.handle({ type: "own-models-changed" });
      await t.engine.idle();
    },
    load: async (model: LocalModel) =>
      (await t.serve({ type: "load", id: ++id, family: "tiny", parts: ["decoder", `model:${model.id}`] }))
        .closing,
    draw: async (model: string, label = 0) => {
      const job = tinyJob({ model, images: [{ seed: 3, label }], previews: false });
      return (await t.serve({ type: "generate", id: ++id, job })).own;
    },
  };
  function lastManifest(): Manifest {
    const sent = t.of("manifest").at(-1);
    if (!sent) throw new Error("no manifest was sent");
    return sent.manifest;
  }
}

const sha256Of = (events: readonly { type: string }[]): string | undefined =>
  events.flatMap((event) => ("sha256" in event ? [String(event.sha256)] : []))[0];

let own: Awaited<ReturnType<typeof tunedTiny>>;
beforeAll(async () => {
  own = await tunedTiny();
});

test("an exported model that is imported elsewhere gives the same picture, byte for byte, after a start of its own", async () => {
  const here = memoryLocalModels();
  await here.put(own.model, own.files);
  const first = await engineWith(here);
  await first.begin();
  await first.load(own.model);
  const drawn = sha256Of(await first.draw(own.model.id));
  expect(drawn).toMatch(/^[0-9a-f]{64}$/);

  const exported = expectOk(exportedFiles(own.model, own.files, { precision: "F32", what: "merged" }));
  const elsewhere = memoryLocalModels();
  const second = await engineWith(elsewhere);
  const manifest = await second.begin();
  const inspected = expectOk(await readAndInspect(exported, manifest));
  const { model, files } = expectOk(await modelOfDraft(inspected, usualAnswers(inspected.draft), 1));
  await elsewhere.put(model, files);
  await second.follow();
  await second.load(model);
  expect(sha256Of(await second.draw(model.id))).toBe(drawn);
  // The same link means the same model there.
  expect(model.id).toBe(own.model.id);
});

test("an own model draws alone and from coarse to fine, and a picture names the weights that drew it", async () => {
  const store = memoryLocalModels();
  await store.put(own.model, own.files);
  const t = await engineWith(store);
  const manifest = await t.begin();
  expect(manifest.families[0].models.map(({ name }) => name)).toContain(own.model.id);
  await t.serve({
    type: "load",
    id: 90,
    family: "tiny",
    parts: ["decoder", "heavy", `model:${own.model.id}`],
  });
  const [alone] = (await t.draw(own.model.id)).filter((event) => event.type === "image");
  const [switched] = (await t.draw(`c2f:${own.model.id}`)).filter((event) => event.type === "image");
  expect(alone?.settings.models.light).toEqual([own.model.sha256]);
  expect(switched?.settings.models.light).toEqual([own.model.sha256]);
  expect(switched?.nfe.heavy).toBeGreaterThan(0);
});

test("models that come, go and change their name are told to the page, and what is gone leaves the device", async () => {
  const store = memoryLocalModels();
  const t = await engineWith(store);
  await t.begin();
  const before = t.of("manifest").length;
  await store.put(own.model, own.files);
  await t.follow();
  await t.load(own.model);
  await t.draw(own.model.id);
  const [{ tensors: with1 }] = t.of("done").slice(-1);
  await store.rename(own.model.id, "Apples");
  await t.follow();
  const named = t.lastManifest().families[0].models.find(({ name }) => name === own.model.id);
  expect(named?.title).toBe("Apples");
  await store.remove(own.model.id);
  await t.follow();
  expect(t.lastManifest().families[0].models.map(({ name }) => name)).not.toContain(own.model.id);
  expect(t.of("manifest").length).toBe(before + 3);
  const refused = (await t.draw(own.model.id)).at(-1);
  expect(refused).toMatchObject({ type: "failed", error: { kind: "InvalidJob", field: "model" } });
  if (refused?.type !== "failed") throw new Error("was drawn");
  expect(refused.error).toMatchObject({ detail: expect.stringContaining("This browser does not have") });
  expect(refused.tensors).toBeLessThan(with1);
});

test("a class that the model alone knows can be asked of it, and of no other", async () => {
  const { entry, weights } = await import("../library/support.ts").then(({ tinyWeights }) =>
    tinyWeights("light"),
  );
  if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
  const name = "y_embedder.embedding_table.weight";
  const rows = weights.get(name);
  if (!rows) throw new Error("no label table");
  const values = Float32Array.from([
    ...rows.values.slice(0, 32),
    ...rows.values.slice(0, 16).map((x) => -x),
    ...rows.values.slice(32),
  ]);
  const larger = await tunedTiny({
    config: { ...entry.config, num_classes: 3 },
    classes: ["fruit"],
    weights: new Map([...weights, [name, { shape: [4, 16], values }] as const]),
  });
  const store = memoryLocalModels();
  await store.put(larger.model, larger.files);
  const t = await engineWith(store);
  await t.begin();
  await t.load(larger.model);
  const [image] = (await t.draw(larger.model.id, 2)).filter((event) => event.type === "image");
  expect(image?.settings).toMatchObject({ label: 2, class: "fruit" });
  expect(sha256Of(await t.draw(larger.model.id, 1))).not.toBe(image?.sha256);
  expect((await t.draw(`c2f:${larger.model.id}`, 2)).at(-1)).toMatchObject({
    type: "failed",
    error: { kind: "InvalidJob", field: "label" },
  });
});

test("weights that were damaged in the store, or lost from it, are refused by name", async () => {
  const store = memoryLocalModels();
  const weights = own.files.weights.slice();
  weights[weights.length - 1] ^= 1;
  await store.put(own.model, { ...own.files, weights });
  const t = await engineWith(store);
  await t.begin();
  expect(await t.load(own.model)).toMatchObject({
    type: "failed",
    error: { kind: "HashMismatch", file: `local:${own.model.id}`, expected: own.model.sha256 },
  });
  await store.remove(own.model.id);
  expect(await t.load(own.model)).toMatchObject({
    type: "failed",
    error: { kind: "OwnModelMissing", model: own.model.id },
  });
});

test("a browser that keeps nothing still draws with the shipped models, and says so", async () => {
  const store = { ...memoryLocalModels(), list: () => Promise.reject(new Error("storage is off")) };
  const t = await engineWith(store);
  await t.begin();
  expect(t.of("warning")).toMatchObject([
    { warning: { kind: "OwnModelsUnavailable", detail: "storage is off" } },
  ]);
  expect(t.lastManifest().families).toHaveLength(1);
});
