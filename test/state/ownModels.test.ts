import { expect, test } from "vitest";
import { withLocalModels } from "#library/entry.ts";
import { INITIAL_APP } from "#state/app.ts";
import { parseBackendWish } from "#state/backendWish.ts";
import { ownTexts } from "#state/ownTexts.ts";
import { createSession } from "#state/session.ts";
import { createAppStore } from "#state/store.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";
import { memoryLocalModels } from "../library/memoryLocalModels.ts";
import { tinyWeights, tunedTiny } from "../library/support.ts";
import { scriptedBackends, testEngine } from "../workers/testEngine.ts";

/** A page on the real engine with own models, at an address. */
async function openPage(hash: string, localModels = memoryLocalModels()) {
  const t = await testEngine({ ...scriptedBackends(), localModels });
  const store = createAppStore(INITIAL_APP);
  let address = hash;
  let ids = 0;
  const session = createSession(
    store,
    {
      connect: (onEvent) => {
        t.watch(onEvent);
        return { send: t.engine.handle, close: () => {} };
      },
      manifestUrl: "models/manifest.json",
      backend: parseBackendWish(""),
      faults: false,
      readHash: () => address,
      writeHash: (next) => {
        address = next;
      },
      beforeFrame: (flush) => queueMicrotask(flush),
      newId: () => `b${++ids}`,
    },
    () => {},
  );
  localModels.onChange(() => session.send({ type: "own-models-changed" }));
  session.begin();
  const settled = async () => {
    for (let events = -1; events !== t.events.length; ) {
      events = t.events.length;
      await t.engine.idle();
      await new Promise((go) => setTimeout(go, 2));
    }
  };
  await settled();
  return { session, settled, localModels, address: () => address, app: () => store.getState() };
}

const finished = (app: ReturnType<Awaited<ReturnType<typeof openPage>>["app"]>) =>
  app.batch?.cells.flatMap((cell) => (cell.status === "finished" ? [cell.image.settings] : [])) ?? [];

test("a link to a model of one's own draws with it, in a visit that comes after", async () => {
  const own = await tunedTiny();
  const localModels = memoryLocalModels();
  await localModels.put(own.model, own.files);
  const t = await openPage(
    `#/generate?family=tiny&class=one&seed=3&steps=5&model=${own.model.id}`,
    localModels,
  );
  expect(finished(t.app())).toMatchObject([{ model: own.model.id, models: { light: [own.model.sha256] } }]);
  expect(t.app().notices).toEqual([]);
});

test("a link to a model that this browser lacks says which, and draws the usual one", async () => {
  const t = await openPage("#/generate?family=tiny&class=one&seed=3&steps=5&model=fruits-01234567");
  expect(t.app().notices).toMatchObject([
    { kind: "link-problems", problems: [{ key: "model", text: "fruits-01234567" }] },
  ]);
  expect(t.app().settings.model).toBe("c2f");
  const turned = await openPage(
    "#/generate?family=tiny&class=one&seed=3&steps=5&model=c2f:heavy:fruits-01234567&tau=0.3",
  );
  expect(turned.app().settings).toMatchObject({ model: "c2f", tau: 0.7 });
});

test("a model that is deleted while it is chosen gives way to the usual one", async () => {
  const own = await tunedTiny();
  const t = await openPage("#/generate?family=tiny&class=one&seed=3&steps=5&model=light");
  await t.localModels.put(own.model, own.files);
  await t.settled();
  t.session.changeSettings({ model: `c2f:heavy:${own.model.id}`, tau: 0.3 });
  await t.settled();
  expect(t.app().engine.parts[`tiny/model:${own.model.id}`]?.status).toBe("loaded");
  await t.localModels.remove(own.model.id);
  await t.settled();
  expect(t.app().settings).toMatchObject({ model: "c2f", tau: 0.7 });
  expect(t.app().engine.parts[`tiny/model:${own.model.id}`]).toBeUndefined();
  expect(t.address()).toContain("model=c2f");
});

test("a class that only one model knows goes when another model is chosen", async () => {
  const { entry, weights } = await tinyWeights("light");
  if (entry.architecture !== "dit") throw new Error("the light model is a DiT");
  const name = "y_embedder.embedding_table.weight";
  const table = weights.get(name);
  if (!table) throw new Error("no label table");
  const values = Float32Array.from([...table.values, ...table.values.slice(-16)]);
  const own = await tunedTiny({
    config: { ...entry.config, num_classes: 3 },
    classes: ["fruit"],
    weights: new Map([...weights, [name, { shape: [4, 16], values }] as const]),
  });
  const localModels = memoryLocalModels();
  await localModels.put(own.model, own.files);
  const t = await openPage(
    `#/generate?family=tiny&class=fruit&seed=3&steps=5&model=${own.model.id}`,
    localModels,
  );
  expect(finished(t.app())).toMatchObject([{ class: "fruit", label: 2 }]);
  t.session.changeSettings({ model: "light" });
  expect(t.app().settings).toMatchObject({ model: "light", className: "one" });
});

test("own models are offered alone and in both places of coarse-to-fine, two of them with the smaller one first, and after heavy where they are smaller", async () => {
  const { manifest } = await tinyFamily();
  const [small, large] = [await tunedTiny(), await tunedTiny({ name: "Fruits, heavy", classes: [] })];
  const second = {
    ...large.model,
    id: "fruits-heavy-01234567",
    parameters: small.model.parameters + 1,
  } as const;
  const [shipped] = manifest.families;
  const parameters = second.parameters;
  const models = shipped.models.map((one) => (one.role === "heavy" ? { ...one, parameters } : one));
  const larger = { ...manifest, families: [{ ...shipped, models }] };
  const [family] = withLocalModels(larger, [small.model, second]).families;
  expect(ownTexts(family)).toEqual([
    { text: small.model.id, label: "Fruits, light" },
    { text: second.id, label: "Fruits, heavy" },
    { text: `c2f:${small.model.id}`, label: "Fruits, light, then heavy" },
    { text: `c2f:${second.id}`, label: "Fruits, heavy, then heavy" },
    { text: `c2f:heavy:${small.model.id}`, label: "heavy, then Fruits, light" },
    { text: `c2f:light:${small.model.id}`, label: "light, then Fruits, light" },
    { text: `c2f:light:${second.id}`, label: "light, then Fruits, heavy" },
    { text: `c2f:${small.model.id}:${second.id}`, label: "Fruits, light, then Fruits, heavy" },
  ]);
  expect(ownTexts(manifest.families[0])).toEqual([]);
});
