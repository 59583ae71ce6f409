import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AXIS_NAMES } from "#compare/axis.ts";
import { parseAxis } from "#compare/values.ts";
import { SETTINGS_KEY, SETTINGS_VERSION, settingsFromText } from "#images/settings.ts";
import { DEFAULT_COMPARISON } from "#state/compare/comparison.ts";
import { CSV_COLUMNS } from "#state/compare/export/csv.ts";
import { COMPARE_CODEC, printCompareHash } from "#state/compare/hash.ts";
import { HASH_CODEC, printHash } from "#state/hash.ts";
import { DEFAULT_SETTINGS } from "#state/settings.ts";
import { SWITCHES } from "#workers/kernelNames.ts";
import type { EngineState } from "#workers/protocol.ts";

const page = readFileSync("docs/url-and-metadata.md", "utf8");

/** Cells of the table rows between two headings, without marks of code. */
function rows(from: string, to: string | null): readonly (readonly string[])[] {
  const start = page.indexOf(from);
  const section = page.slice(start, to === null ? undefined : page.indexOf(to, start));
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

test("the table of the link is the codec", () => {
  const codec = Object.entries(HASH_CODEC).map(([field, { key, meaning }]) => {
    const usual = Object.entries(DEFAULT_SETTINGS).find(([name]) => name === field);
    return [key, String(usual?.[1]), meaning];
  });
  expect(rows("## Address", "## Comparisons")).toEqual(codec);
  expect(page).toContain(printHash(DEFAULT_SETTINGS));
});

test("the names of kernels are those that can be switched off", () => {
  const list = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  const address = page.slice(0, page.indexOf("The hash names")).replaceAll("\n", " ");
  expect(address).toContain(`on WebGPU ${list(SWITCHES.webgpu)};`);
  expect(address).toContain(`on WebAssembly ${list(SWITCHES.wasm)}.`);
});

test("the table of a comparison's link is the codec", () => {
  const { fixed, ...rest } = DEFAULT_COMPARISON;
  const usual: Readonly<Record<string, unknown>> = { ...rest, ...fixed };
  const codec = Object.entries(COMPARE_CODEC).map(([field, { key, meaning }]) => {
    const printed = new URLSearchParams(printCompareHash(DEFAULT_COMPARISON).split("?")[1]).get(key);
    return [key, field in usual ? printed : null, meaning];
  });
  expect(rows("### Keys of a comparison", "### Table")).toEqual(codec);
  expect(page).toContain(printCompareHash(DEFAULT_COMPARISON));
});

test("the documented ways to write values give what is said of them", () => {
  const said = rows("## Comparisons", "### Keys");
  expect(said.length).toBe(7);
  const valuesOf = (text: string) => {
    const axis = parseAxis(/^(0-1 |\.)/.test(text) ? "tau" : "seed", text);
    return axis.ok ? axis.value.values : axis.error;
  };
  expect(said.map(([text = ""]) => valuesOf(text))).toEqual([
    [7],
    [1, 2, 3, 4],
    [1, 4, 7, 10],
    [10, 7, 4, 1],
    [0, 0.25, 0.5, 0.75, 1],
    [1, 2, 3, 7, 20, 21, 22],
    [0.5, 0.75],
  ]);
  for (const name of AXIS_NAMES) expect(page).toContain(`\`${name}\``);
});

test("the documented columns of the table are those that are written", () => {
  expect(rows("### Table of a comparison", "## PNG")).toEqual(
    CSV_COLUMNS.map(({ name, meaning }) => [name, meaning]),
  );
});

test("the documented states are those of the protocol", () => {
  const states = {
    probing: true,
    preparing: true,
    "no-webgpu": true,
    "software-adapter": true,
    loading: true,
    ready: true,
    busy: true,
    "device-lost": true,
    "out-of-memory": true,
    failed: true,
  } as const satisfies Record<EngineState["status"], true>;
  expect(rows("## What a script", null).map(([name]) => name)).toEqual(Object.keys(states));
});

test("the documented fields of the PNG are those that are read, and each of them is needed", () => {
  const example: Record<string, unknown> = {
    version: SETTINGS_VERSION,
    family: "avatars-64",
    seed: 1,
    label: 4,
    class: "micah",
    model: "c2f",
    tau: 0.7,
    steps: 60,
    solver: "euler",
    guidance: 1.5,
    models: { decoder: ["0".repeat(64)] },
    sha256: "0".repeat(64),
    nfe: { light: 42, heavy: 17 },
    backend: "wasm",
    app: "steadyflow",
  };
  const documented = rows("## PNG", "## What a script").map(([name]) => name ?? "");
  expect(documented).toEqual(Object.keys(example));
  expect(settingsFromText(JSON.stringify(example))).toEqual({ ok: true, value: example });
  for (const name of documented) {
    const { [name]: _, ...without } = example;
    expect(settingsFromText(JSON.stringify(without)).ok, name).toBe(false);
  }
  expect(page).toContain(`the key \`${SETTINGS_KEY}\``);
});
