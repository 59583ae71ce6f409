import { afterEach, beforeEach, expect, test } from "vitest";
import { openLocalModels } from "#library/indexedLocalModels.ts";
import type { LocalModels } from "#library/localModels.ts";
import { memoryLocalModels } from "../library/memoryLocalModels.ts";

const model = (id: `${string}-${string}`, createdAt: number) =>
  ({
    id,
    name: id,
    kind: "imported",
    family: "tiny",
    autoencoder: null,
    classes: [],
    base: null,
    lora: null,
    recipe: null,
    licence: "",
    metrics: [],
    parameters: 1,
    createdAt,
    bytes: 3,
    sha256: "0".repeat(64),
    architecture: "dit",
    config: {
      input_size: 4,
      patch_size: 2,
      in_channels: 4,
      hidden_size: 16,
      depth: 1,
      num_heads: 2,
      mlp_ratio: 2,
      num_classes: 2,
      class_dropout_prob: 0.1,
      learn_sigma: false,
    },
  }) as const;
const files = (...bytes: number[]) => ({ weights: Uint8Array.from(bytes), adapter: null });

beforeEach(() => openLocalModels().destroy());
afterEach(() => openLocalModels().destroy());

const STORES: readonly (readonly [string, () => LocalModels])[] = [
  ["IndexedDB", openLocalModels],
  ["memory", memoryLocalModels],
];

test.each(STORES)(
  "%s: models are kept with their files, newest first, renamed and removed",
  async (_, open) => {
    const store = open();
    const [old, young] = [model("a-00000001", 1), model("b-00000002", 2)];
    await store.put(old, files(1, 2, 3));
    await store.put(young, { ...files(4), adapter: Uint8Array.of(5, 6) });
    expect((await store.list()).map(({ id }) => id)).toEqual([young.id, old.id]);
    expect(await store.files(old.id)).toEqual(files(1, 2, 3));
    expect(await store.files(young.id)).toEqual({ ...files(4), adapter: Uint8Array.of(5, 6) });
    await store.rename(old.id, "Older");
    expect(await store.get(old.id)).toEqual({ ...old, name: "Older" });
    await store.remove(old.id);
    expect([await store.get(old.id), await store.files(old.id)]).toEqual([null, null]);
    await store.rename(old.id, "Again");
    expect(await store.get(old.id)).toBeNull();
    await store.destroy();
    expect(await store.list()).toEqual([]);
  },
);

test.each(STORES)("%s: every change is told, until one stops listening", async (_, open) => {
  const store = open();
  let told = 0;
  const stop = store.onChange(() => {
    told++;
  });
  await store.put(model("a-00000001", 1), files(1));
  await store.rename("a-00000001", "Other");
  await store.remove("a-00000001");
  expect(told).toBe(3);
  stop();
  await store.put(model("a-00000001", 1), files(1));
  expect(told).toBe(3);
});

test("another tab's or worker's store is told, and finds the model", async () => {
  const [here, there] = [openLocalModels(), openLocalModels()];
  const told = new Promise<void>((resolve) => {
    there.onChange(resolve);
  });
  await here.put(model("a-00000001", 1), files(7));
  await told;
  expect(await there.files("a-00000001")).toEqual(files(7));
});

test("a store that another one deletes lets go, and both begin anew", async () => {
  const [here, there] = [openLocalModels(), openLocalModels()];
  await here.put(model("a-00000001", 1), files(1));
  await there.list();
  await here.destroy();
  expect([await here.list(), await there.list()]).toEqual([[], []]);
  await there.put(model("b-00000002", 2), files(2));
  expect((await here.list()).length).toBe(1);
});
