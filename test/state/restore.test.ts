import { describe, expect, test } from "vitest";
import { parseManifest } from "#checkpoints/manifest.ts";
import { encodePng } from "#images/png.ts";
import { type ImageSettings, SETTINGS_KEY } from "#images/settings.ts";
import type { FinishedImage } from "#state/batch.ts";
import { pngOf } from "#state/pictures.ts";
import { restore, settingsOfImage } from "#state/restore.ts";
import json from "../../public/models/manifest.json" with { type: "json" };
import { firstFamily } from "./support.ts";

const parsed = parseManifest(json);
if (!parsed.ok) throw new Error(parsed.error);
const manifest = parsed.value;
const family = firstFamily(manifest);

const settings: ImageSettings = {
  version: 1,
  family: "avatars-64",
  seed: 42,
  label: 4,
  class: "micah",
  model: "c2f",
  tau: 0.65,
  steps: 30,
  solver: "heun",
  guidance: 2,
  models: { decoder: family.autoencoder.decoder.files.map((file) => file.sha256) },
  sha256: "0".repeat(64),
  nfe: { light: 40, heavy: 18 },
  backend: "wasm",
  app: "steadyflow test",
};
const image: FinishedImage = {
  key: "k",
  settings,
  passes: 116,
  ms: { sample: 1, decode: 1 },
  pixels: { width: 2, height: 1, rgba: new Uint8ClampedArray([1, 2, 3, 255, 4, 5, 6, 255]) },
};
const pngWith = (change: Partial<Record<keyof ImageSettings, unknown>>) =>
  encodePng(
    { width: 1, height: 1, data: new Uint8Array(3) },
    { [SETTINGS_KEY]: JSON.stringify({ ...settings, ...change }) },
  );

test("a picture's own PNG restores every setting without a doubt", () => {
  expect(restore(pngOf(image), manifest)).toEqual({
    ok: true,
    value: { settings: settingsOfImage(settings), doubts: [] },
  });
  expect(settingsOfImage(settings)).toMatchObject({
    seed: 42,
    count: 1,
    className: "micah",
    tau: 0.65,
    steps: 30,
    solver: "heun",
    guidance: 2,
  });
});

test("other weights are a doubt that names them", () => {
  const restored = restore(pngWith({ models: { decoder: ["1".repeat(64)] } }), manifest);
  expect(restored).toMatchObject({
    ok: true,
    value: { doubts: [{ kind: "OtherWeights", parts: ["decoder"] }] },
  });
});

test("the number of the class counts, and another name for it is a doubt", () => {
  const restored = restore(pngWith({ class: "formerly" }), manifest);
  expect(restored).toMatchObject({
    ok: true,
    value: {
      settings: { className: "micah" },
      doubts: [{ kind: "OtherClass", was: "formerly", is: "micah" }],
    },
  });
});

describe("refusals", () => {
  test.each([
    ["text", new TextEncoder().encode("hello"), "NotPng"],
    ["nothing", new Uint8Array(), "NotPng"],
    ["half a PNG", pngOf(image).slice(0, 60), "PngDamaged"],
    ["somebody else's PNG", encodePng({ width: 1, height: 1, data: new Uint8Array(3) }), "NoSettings"],
    ["a newer version", pngWith({ version: 2 }), "NewerVersion"],
    ["a tau out of range", pngWith({ tau: 2 }), "SettingsDamaged"],
    ["a family that is not installed", pngWith({ family: "cats-256" }), "UnknownFamily"],
  ])("%s", (_, bytes, kind) => {
    expect(restore(bytes, manifest)).toMatchObject({ ok: false, error: { kind } });
  });
});
