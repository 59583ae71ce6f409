import { expect, test } from "vitest";
import type { Draft } from "#library/draft.ts";
import { memoryLocalModels } from "../../library/memoryLocalModels.ts";
import { tunedTiny, usualAnswers } from "../../library/support.ts";
import { NOW, openModels } from "./openModels.ts";

type Opened = Awaited<ReturnType<typeof openModels>>;

/** Brings a shipped file and gives its draft. */
async function drafted(t: Opened, name = "light"): Promise<Draft> {
  t.models.bring([t.fileOf(name)]);
  await t.until(() => t.shelf().bringing.status === "draft");
  const { bringing } = t.shelf();
  if (bringing.status !== "draft") throw new Error("no draft");
  return bringing.draft;
}

const ownNames = ({ shelf }: Opened) => {
  const { own } = shelf();
  return own.status === "open" ? own.models.map(({ name }) => name) : own.status;
};

test("a file that is brought waits for the reader's answers and then stands among the own models", async () => {
  const t = await openModels();
  const draft = await drafted(t);
  t.models.keep(usualAnswers(draft, { name: "Mine" }));
  await t.until(() => ownNames(t)[0] === "Mine");
  expect(t.shelf().bringing).toEqual({ status: "idle" });
  const [model] = await t.localModels.list();
  expect(t.shelf().added).toBe(model.id);
  expect(model.createdAt).toBe(NOW);
});

test("a file that is dropped before the list of models is there waits for it; one that is put away meanwhile does not come back", async () => {
  const t = await openModels({ listed: false });
  t.models.bring([t.fileOf("heavy")]);
  expect(t.shelf().bringing).toMatchObject({ status: "reading", files: ["heavy.safetensors"] });
  t.models.drop();
  t.models.bring([t.fileOf("light")]);
  t.showManifest(t.manifest);
  await t.until(() => t.shelf().bringing.status === "draft");
  expect(t.shelf().bringing).toMatchObject({ draft: { files: ["light.safetensors"] } });

  const late = await openModels({ listed: false });
  late.models.bring([late.fileOf("light")]);
  late.models.drop();
  late.showManifest(late.manifest);
  await new Promise((go) => setTimeout(go, 50));
  expect(late.shelf().bringing).toEqual({ status: "idle" });
});

test("answers that are not taken leave the draft, and say why", async () => {
  const t = await openModels();
  const draft = await drafted(t);
  t.models.keep(usualAnswers(draft, { name: " " }));
  await t.until(() => t.shelf().bringing.status === "draft");
  expect(t.shelf().bringing).toMatchObject({ draft, refused: { kind: "BadAnswer", field: "name" } });
});

test("files that are no model are refused; others can be brought at once", async () => {
  const t = await openModels();
  t.models.bring([new File(["x"], "notes.txt")]);
  await t.until(() => t.shelf().bringing.status === "refused");
  expect(t.shelf().bringing).toMatchObject({ files: ["notes.txt"], error: { kind: "NothingToRead" } });
  await drafted(t);
});

test("what is dropped while it is read changes nothing any more", async () => {
  const t = await openModels();
  t.models.bring([t.fileOf("heavy")]);
  t.models.drop();
  await new Promise((go) => setTimeout(go, 100));
  expect(t.shelf().bringing).toEqual({ status: "idle" });
  await drafted(t, "light");
});

test("a model is renamed, exported and deleted, and every change shows", async () => {
  const localModels = memoryLocalModels();
  const { model, files } = await tunedTiny();
  await localModels.put(model, files);
  const t = await openModels({ localModels });
  await t.until(() => ownNames(t)[0] === model.name);
  t.models.rename(model.id, "  Apples ");
  await t.until(() => ownNames(t)[0] === "Apples");
  t.models.exportModel(model, { precision: "F32", what: "merged", files: "folder" });
  expect(t.shelf().exporting).toBe(model.id);
  await t.until(() => t.saved.length === 1);
  expect(t.saved[0].name).toBe(`${model.id}.zip`);
  t.models.remove(model.id);
  await t.until(() => ownNames(t).length === 0);
  t.models.exportModel(model, { precision: "F32", what: "merged", files: "folder" });
  await t.until(() => t.shelf().trouble !== null);
  expect(t.shelf().trouble).toMatchObject({
    kind: "not-exported",
    name: model.name,
    error: { kind: "NotFound" },
  });
});

test("what another tab or the trainer keeps shows here", async () => {
  const t = await openModels();
  const { model, files } = await tunedTiny();
  await t.localModels.put(model, files);
  await t.until(() => ownNames(t)[0] === model.name);
});

test("downloads are told apart by what the manifest asks for, and can be deleted", async () => {
  const kept = new Map([["f".repeat(64), 700]]);
  const t = await openModels({ kept });
  const [{ sha256 }] = t.manifest.families[0].autoencoder.decoder.files;
  kept.set(sha256, 5000);
  t.models.look();
  await t.until(() => t.shelf().kept?.files.size === 2);
  expect(t.shelf().kept?.strangers).toEqual({ files: ["f".repeat(64)], bytes: 700 });
  t.models.deleteDownloads([sha256]);
  await t.until(() => t.shelf().kept?.files.size === 1);
  expect([...kept.keys()]).toEqual(["f".repeat(64)]);
});

test("without the manifest no download is taken for a stranger", async () => {
  const t = await openModels({ kept: new Map([["f".repeat(64), 700]]) });
  await t.until(() => t.shelf().kept?.strangers.files.length === 1);
  const { families } = t.manifest;
  t.showManifest({
    ...t.manifest,
    families: families.map((one) => ({
      ...one,
      models: one.models.map((model) => ({
        ...model,
        files: [{ ...model.files[0], sha256: "f".repeat(64) }],
      })),
    })),
  });
  await t.until(() => t.shelf().kept?.strangers.files.length === 0);
});

test("a browser that keeps nothing is told, and one without a cache shows no downloads", async () => {
  const broken = { ...memoryLocalModels(), list: () => Promise.reject(new Error("storage is off")) };
  const t = await openModels({ localModels: broken, kept: null });
  await t.until(() => t.shelf().own.status === "unavailable");
  expect(t.shelf()).toMatchObject({ own: { error: { kind: "Unavailable" } }, kept: null, room: null });
});

test("a change that the browser refuses is said until the next thing is tried", async () => {
  const refusing = { ...memoryLocalModels(), rename: () => Promise.reject(new Error("no")) };
  const { model, files } = await tunedTiny();
  await refusing.put(model, files);
  const t = await openModels({ localModels: refusing });
  t.models.rename(model.id, "Apples");
  await t.until(() => t.shelf().trouble?.kind === "not-changed");
  t.models.remove(model.id);
  expect(t.shelf().trouble).toBeNull();
});

test("the browser is asked to keep what is stored, and what it says is shown", async () => {
  const t = await openModels({ room: { usedBytes: 1, givenBytes: 10, lasting: false } });
  await t.until(() => t.shelf().room !== null);
  t.models.makeLasting();
  await t.until(() => t.shelf().room?.lasting === true);
});
