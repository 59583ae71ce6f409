import { describe, expect, test } from "vitest";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";
import { encodePng } from "#images/png.ts";
import {
  type ImageSettings,
  SETTINGS_KEY,
  settingsFromPng,
  settingsFromText,
  settingsToPngText,
} from "#images/settings.ts";
import { survivesMutations } from "../bytes/mutations.ts";

const hash = "0123456789abcdef".repeat(4);
const settings: ImageSettings = {
  version: 1,
  family: "avatars-64",
  seed: Number.MAX_SAFE_INTEGER,
  label: 4,
  class: "micah",
  model: "c2f",
  tau: 0.7,
  steps: 60,
  solver: "euler",
  guidance: 1.5,
  models: { decoder: [hash], light: [hash], heavy: [hash, hash] },
  sha256: hash,
  nfe: { light: 42, heavy: 17 },
  backend: "wasm",
  app: "steadyflow 0.1.0",
};
const pixels = { width: 2, height: 2, data: new Uint8Array(12) };
const withText = (text: string, key = SETTINGS_KEY) => encodePng(pixels, { [key]: text });
const changed = (changes: Record<string, unknown>) => JSON.stringify({ ...settings, ...changes });

test("settings come back from a PNG as they were", () => {
  expect(settingsFromPng(withText(settingsToPngText(settings)))).toEqual({ ok: true, value: settings });
});

test("every solver that the sampler knows can be stored", () => {
  for (const solver of SOLVER_NAMES)
    expect(settingsFromText(changed({ solver }))).toMatchObject({ ok: true, value: { solver } });
});

test("keys that a later page may add within the same version are passed over", () => {
  expect(settingsFromText(changed({ later: 1 }))).toEqual({ ok: true, value: settings });
});

describe("a file is refused, with a sentence that says why, when", () => {
  test.each([
    ["it is empty", new Uint8Array(), "NotPng", "an empty file (0 bytes)"],
    ["it is a text", new TextEncoder().encode("hello"), "NotPng", "no known kind of file"],
    ["it is a JPEG", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), "NotPng", "a JPEG image"],
    ["it is markup", new TextEncoder().encode(" <svg/>"), "NotPng", "markup"],
    ["the PNG is cut", withText("{}").subarray(0, 60), "PngDamaged", "ends in the middle"],
    ["it is somebody else's PNG", encodePng(pixels), "NoSettings", "not made here"],
    ["it has another program's text", withText("{}", "parameters"), "NoSettings", "not made here"],
    ["a newer page made it", withText('{"version":2,"seeds":[1]}'), "NewerVersion", "newer steadyflow"],
    ["the text is not JSON", withText("{"), "SettingsDamaged", "not JSON"],
    ["the text is another JSON", withText("[1]"), "SettingsDamaged", "damaged"],
  ] as const)("%s", (_, bytes, kind, part) => {
    expect(settingsFromPng(bytes)).toMatchObject({
      ok: false,
      error: { kind, message: expect.stringContaining(part) },
    });
  });

  test.each([
    ["seed", 2 ** 53],
    ["seed", -1],
    ["seed", 0.5],
    ["tau", 1.01],
    ["steps", 1],
    ["steps", 1001],
    ["solver", "dopri5"],
    ["model", "light heavy"],
    ["model", "c2f:a:b:c"],
    ["guidance", 21],
    ["sha256", "abc"],
    ["models", { decoder: [] }],
    ["version", 0],
    ["nfe", { light: 1 }],
  ])("%s is %j", (key, value) => {
    expect(settingsFromText(changed({ [key]: value }))).toMatchObject({
      ok: false,
      error: { kind: "SettingsDamaged", message: expect.stringContaining(key) },
    });
  });
});

test("settings cannot reach a prototype", () => {
  expect(settingsFromText(settingsToPngText(settings).replace("{", '{"__proto__":{"polluted":1},'))).toEqual({
    ok: true,
    value: settings,
  });
  expect(Reflect.get({}, "polluted")).toBeUndefined();
});

test("damaged PNGs and damaged settings never throw", () => {
  const bytes = withText(settingsToPngText(settings));
  survivesMutations([bytes, encodePng(pixels)], (damaged) => !settingsFromPng(damaged).ok);
  const text = new TextEncoder().encode(settingsToPngText(settings));
  survivesMutations([text], (damaged) => !settingsFromText(new TextDecoder().decode(damaged)).ok);
});
