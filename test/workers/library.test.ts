import { beforeAll, expect, test } from "vitest";
import type { Manifest } from "#checkpoints/manifest.ts";
import { withLocalModels } from "#library/entry.ts";
import { LARGEST_MODEL_BYTES } from "#library/localModel.ts";
import type { LocalModels } from "#library/localModels.ts";
import { EngineFailure } from "#workers/errors.ts";
import { createLibraryServer } from "#workers/library.ts";
import { createLibraryClient } from "#workers/libraryClient.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";
import { memoryLocalModels } from "../library/memoryLocalModels.ts";
import { expectOk, golden, oneClass, tunedTiny, usualAnswers } from "../library/support.ts";

let manifest: Manifest;
let shipped: Map<string, Uint8Array>;
beforeAll(async () => {
  ({ manifest, files: shipped } = await tinyFamily());
});

/** A client that talks to the real server without a worker between them. */
function connect(models: LocalModels = memoryLocalModels()) {
  let wires = 0;
  const client = createLibraryClient((onReply) => {
    wires++;
    let open = true;
    const server = createLibraryServer({
      models,
      fetchFiles: () => async (entries) =>
        entries.map(({ file }) => {
          const content = shipped.get(file);
          if (!content)
            throw new EngineFailure({
              kind: "DownloadFailed",
              file,
              httpStatus: 404,
              loadedBytes: 0,
              totalBytes: 1,
              detail: "",
            });
          return content;
        }),
      post: (reply) => open && onReply(structuredClone(reply)),
    });
    return {
      send: (request) => server.handle(request),
      close: () => {
        open = false;
      },
    };
  });
  return { client, models, wires: () => wires };
}

const fileOf = (name: string, bytes: Uint8Array): File => new File([Uint8Array.from(bytes)], name);
const URL = "https://example.org/models/manifest.json";

test("files are read, checked, kept the way the reader answers, and exported again", async () => {
  const { client, models } = connect();
  const { name, bytes } = await golden("12_checkpoint.pt");
  const draft = expectOk(await client.inspect([fileOf(name, bytes)], await oneClass(), URL));
  const model = expectOk(
    await client.keep(
      usualAnswers(draft, { name: "From the paper", known: { num_heads: 2 }, licence: "CC0" }),
      5,
    ),
  );
  expect(model).toMatchObject({
    name: "From the paper",
    kind: "imported",
    licence: "CC0",
    createdAt: 5,
    config: { num_heads: 2 },
    recipe: null,
  });
  expect(await models.list()).toEqual([model]);
  const { name: saved, contents } = expectOk(
    await client.export(model.id, { precision: "F16", what: "merged", files: "folder" }),
  );
  expect(saved).toBe(`${model.id}.zip`);
  const again = expectOk(
    await client.inspect(
      [fileOf(saved, new Uint8Array(await contents.arrayBuffer()))],
      await oneClass(),
      URL,
    ),
  );
  expect(again).toMatchObject({
    precision: "F16",
    assumed: [],
    said: { name: "From the paper", licence: "CC0" },
  });
});

test("a model that is here already is named instead of kept twice", async () => {
  const { client, models } = connect();
  const own = await tunedTiny();
  await models.put(own.model, own.files);
  const { contents, name } = expectOk(
    await client.export(own.model.id, { precision: "F32", what: "merged", files: "weights" }),
  );
  const draft = expectOk(await client.inspect([new File([contents], name)], manifest, URL));
  expect(await client.keep(usualAnswers(draft, { name: "Again" }), 1)).toEqual({
    ok: false,
    error: { kind: "AlreadyHere", id: own.model.id, name: own.model.name },
  });
});

test.each([
  ["an empty name", { name: " " }, "name"],
  ["a family that it does not fit", { fit: { family: "other", autoencoder: null } }, "family"],
  ["a class too many", { classes: ["fruit"] }, "classes"],
  ["heads that do not divide the width", { known: { num_heads: 3 } }, "network"],
] as const)("%s is refused, and the draft stays", async (_, change, field) => {
  const { client } = connect();
  const bytes = shipped.get("tiny/narrow.safetensors") ?? new Uint8Array();
  const draft = expectOk(await client.inspect([fileOf("narrow.safetensors", bytes)], manifest, URL));
  expect(await client.keep(usualAnswers(draft, change), 1)).toMatchObject({
    ok: false,
    error: { kind: "BadAnswer", field },
  });
  expect((await client.keep(usualAnswers(draft, { known: { num_heads: 2 } }), 1)).ok).toBe(true);
});

test("nothing is kept without a draft: after a discard, after a file that was refused, after the worker has ended", async () => {
  const { client, wires } = connect();
  const bytes = shipped.get("tiny/light.safetensors") ?? new Uint8Array();
  const files = [fileOf("light.safetensors", bytes)];
  const answers = usualAnswers(expectOk(await client.inspect(files, manifest, URL)));
  const nothing = { ok: false, error: { kind: "NothingRead" } };
  await client.discard();
  expect(await client.keep(answers, 1)).toEqual(nothing);
  await client.inspect(files, manifest, URL);
  await client.inspect([fileOf("x.safetensors", new Uint8Array(3))], manifest, URL);
  expect(await client.keep(answers, 1)).toEqual(nothing);
  await client.inspect(files, manifest, URL);
  client.close();
  expect(await client.keep(answers, 1)).toEqual(nothing);
  expect(wires()).toBe(2);
});

test("ending the worker answers what is open", async () => {
  const { client, models } = connect();
  const asked = client.inspect(
    [fileOf("light.safetensors", shipped.get("tiny/light.safetensors") ?? new Uint8Array())],
    manifest,
    URL,
  );
  client.close();
  expect(await asked).toEqual({ ok: false, error: { kind: "Cancelled" } });
  expect(await models.list()).toEqual([]);
});

test("a file that is too large is refused before it is read", async () => {
  const { client } = connect();
  const huge = Object.defineProperty(new File([], "huge.pt"), "size", { value: LARGEST_MODEL_BYTES + 1 });
  expect(await client.inspect([huge], manifest, URL)).toEqual({
    ok: false,
    error: {
      kind: "TooLarge",
      file: "huge.pt",
      bytes: LARGEST_MODEL_BYTES + 1,
      limitBytes: LARGEST_MODEL_BYTES,
    },
  });
});

test("low-rank matrices find their base among the shipped models, and say when it is another one here", async () => {
  const { client, models } = connect();
  const adapter = new Map([
    ["blocks.0.attn.qkv.lora_A.weight", { shape: [1, 16], values: new Float32Array(16).fill(0.5) }],
    ["blocks.0.attn.qkv.lora_B.weight", { shape: [48, 1], values: new Float32Array(48).fill(0.25) }],
  ]);
  const own = await tunedTiny({ lora: { rank: 1, alpha: 1, adapter } });
  await models.put(own.model, own.files);
  const { contents, name } = expectOk(
    await client.export(own.model.id, { precision: "F32", what: "adapter", files: "weights" }),
  );
  expect(name).toBe(`${own.model.id}-lora.safetensors`);
  const file = new File([contents], name);
  const draft = expectOk(await client.inspect([file], withLocalModels(manifest, [own.model]), URL));
  expect(draft.mergedInto?.name).toBe("light");
  const [family] = manifest.families;
  const changed = family.models.map((model) => ({
    ...model,
    files: model.files.map((one) => ({ ...one, sha256: "0".repeat(64) })),
  }));
  const other = { ...manifest, families: [{ ...family, models: changed }] };
  expect(await client.inspect([file], other, URL)).toMatchObject({
    ok: false,
    error: {
      kind: "BaseMissing",
      base: "light",
      detail: "The light here has other weights than the one that the matrices were trained on.",
    },
  });
});

test("a browser that keeps nothing says so when a model is to be kept", async () => {
  const full = Object.assign(new Error("no room"), { name: "QuotaExceededError" });
  const { client } = connect({ ...memoryLocalModels(), put: () => Promise.reject(full) });
  const bytes = shipped.get("tiny/light.safetensors") ?? new Uint8Array();
  const draft = expectOk(await client.inspect([fileOf("light.safetensors", bytes)], manifest, URL));
  expect(await client.keep(usualAnswers(draft), 1)).toEqual({
    ok: false,
    error: { kind: "NotKept", error: { kind: "Full", detail: "no room" } },
  });
});

test("a model that is gone cannot be exported", async () => {
  const { client } = connect();
  expect(
    await client.export("fruits-01234567", { precision: "F32", what: "merged", files: "weights" }),
  ).toEqual({
    ok: false,
    error: { kind: "NotFound", id: "fruits-01234567" },
  });
});
