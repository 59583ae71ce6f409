import { expect, test } from "vitest";
import { findModel, parseManifest } from "#checkpoints/manifest.ts";
import { chooseModels } from "#checkpoints/modelChoice.ts";
import { problemsOf, withLocalModels } from "#library/entry.ts";
import { isIdOf, isLocalModelId, localFile, localModelId, localModelOf } from "#library/localModel.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";
import { tunedTiny } from "./support.ts";

test("own models stand behind the shipped ones of their family, and can be asked for like them", async () => {
  const { manifest } = await tinyFamily();
  const { model } = await tunedTiny();
  const [family] = withLocalModels(manifest, [model]).families;
  expect(family.models.map(({ name }) => name)).toEqual([
    ...manifest.families[0].models.map(({ name }) => name),
    model.id,
  ]);
  expect(findModel(family, model.id)).toMatchObject({
    role: "variant",
    title: "Fruits, light",
    files: [{ file: `local:${model.id}` }],
  });
  for (const text of [model.id, `c2f:${model.id}`, `c2f:light:${model.id}`])
    expect(chooseModels(family, text).ok).toBe(true);
});

test("no shipped manifest can name a file of the reader's", async () => {
  const { manifest } = await tinyFamily();
  const { model } = await tunedTiny();
  expect(parseManifest(withLocalModels(manifest, [model])).ok).toBe(false);
});

test("a model that does not fit its family's latents is left out, and it is said why", async () => {
  const { manifest } = await tinyFamily();
  const { model } = await tunedTiny();
  const odd = { ...model, autoencoder: "second" };
  expect(withLocalModels(manifest, [odd])).toEqual(manifest);
  expect(problemsOf(odd, manifest.families[0])).toEqual([
    `${model.id}: the model's latents differ from the family's: [4, 4], not [2, 4]`,
  ]);
  expect(problemsOf({ ...model, family: "gone" }, undefined)).toEqual(["There is no family gone here."]);
  expect(problemsOf({ ...model, classes: ["one"] }, manifest.families[0])).not.toEqual([]);
  expect(problemsOf(model, manifest.families[0])).toEqual([]);
});

test("an id has the words of the first name and the hash of the weights", () => {
  const sha256 = "0123456789abcdef".repeat(4);
  expect(localModelId("Früchte, light (2)!", sha256)).toBe("fruchte-light-2-01234567");
  expect(localModelId("日本", sha256)).toBe("model-01234567");
  expect(localModelId("x".repeat(100), sha256)).toHaveLength(49);
  for (const name of ["Früchte", "日本", "x".repeat(100), "a--b", " - "]) {
    const id = localModelId(name, sha256);
    expect(isLocalModelId(id) && isIdOf(id, sha256)).toBe(true);
    expect(localModelOf(localFile({ id, bytes: 1, sha256 }).file)).toBe(id);
  }
});

test("a file of the network is nobody's own", () => {
  for (const file of ["avatars-64/light.safetensors", "local:", "local:../x", "local:light"])
    expect(localModelOf(file)).toBeNull();
});
