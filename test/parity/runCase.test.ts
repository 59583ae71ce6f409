import { describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";
import type { CaseFolder } from "../../cli/parity/caseFolder.ts";
import { count, lineOf } from "../../cli/parity/report.ts";
import { runCase } from "../../cli/parity/runCase.ts";
import { type HostTensor, writeCase } from "./writeCase.ts";

const NORMALS: HostTensor = { shape: [6], values: normals(5, 0, 6) };
const CASE = {
  case: "noise",
  kind: "noise",
  config: { seed: 5, stream: 0, n: 6 },
  inputs: [],
  outputs: ["out.normals"],
  weights: null,
  atol: 1e-3,
  rtol: 0,
};

/** The outcome of a small noise case after `change`. */
async function outcomeOf(change: {
  json?: object;
  text?: string;
  tensors?: Record<string, HostTensor> | null;
}) {
  await nodeBackends.open("cpu");
  const folder: CaseFolder = writeCase(
    "c",
    change.text ?? { ...CASE, ...change.json },
    change.tensors === undefined ? { "out.normals": NORMALS } : change.tensors,
  );
  return runCase(folder, "c.json");
}

/** The normals with one of them changed. */
const altered = (value: number): Record<string, HostTensor> => ({
  "out.normals": {
    shape: [6],
    values: NORMALS.values.map((normal, i) => (i === 3 ? normal + value : normal)),
  },
});

describe("a case", () => {
  test("passes when every value is within its tolerance, and names the worst", async () => {
    const outcome = await outcomeOf({ tensors: altered(5e-4) });
    expect(outcome.status).toBe("passed");
    expect(lineOf(outcome)).toMatch(/0\.500 of the tolerance at out\.normals/);
  });

  test("fails when one value is outside its tolerance", async () => {
    const outcome = await outcomeOf({ tensors: altered(2e-3) });
    expect(outcome.status).toBe("failed");
    expect(lineOf(outcome)).toMatch(/^FAIL .* 2\.000 of the tolerance at out\.normals/);
  });

  test("fails on NaN", async () => {
    expect(await outcomeOf({ tensors: altered(Number.NaN) })).toMatchObject({
      status: "failed",
      worst: { ratio: Number.POSITIVE_INFINITY },
    });
  });

  test("is held to the tight limits on plain float32 backends", async () => {
    const tight = { atol_tight: 4e-4, rtol_tight: 0 };
    expect(await outcomeOf({ json: tight, tensors: altered(7e-4) })).toMatchObject({ status: "failed" });
    // 1.2 times the limit: another order of sums may give that
    expect(await outcomeOf({ json: tight, tensors: altered(4.8e-4) })).toMatchObject({ status: "passed" });
    // never wider than the limit for a GPU
    const equal = { json: { atol_tight: 1e-3 }, tensors: altered(1.2e-3) };
    expect(await outcomeOf(equal)).toMatchObject({ status: "failed" });
  });

  test("fails when an expected output is not computed, rather than pass on the others", async () => {
    const more = {
      json: { outputs: ["out.normals", "out.other"] },
      tensors: { "out.normals": NORMALS, "out.other": NORMALS },
    };
    expect(await outcomeOf(more)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("out.other"),
    });
  });

  test("need not hold all that its kind can compute", async () => {
    const pixel: HostTensor = { shape: [1, 2], values: Float32Array.of(0.5, -1) };
    const inputs = { "in.data": pixel, "in.x": pixel, "in.t": { shape: [1], values: Float32Array.of(0) } };
    const gaussian = {
      "in.mu": { shape: [2], values: Float32Array.of(0, 0) },
      "in.U": { shape: [2, 2], values: Float32Array.of(1, 0, 0, 1) },
      "in.lambda": { shape: [2], values: Float32Array.of(1, 1) },
      "in.x0": pixel,
      "in.t_gauss": { shape: [1], values: Float32Array.of(0.5) },
    };
    const part = {
      json: { kind: "closed_form", inputs: Object.keys({ ...inputs, ...gaussian }), outputs: ["out.n_eff"] },
      tensors: { ...inputs, ...gaussian, "out.n_eff": { shape: [1], values: Float32Array.of(1) } },
    };
    expect(await outcomeOf(part)).toMatchObject({ status: "passed" });
  });

  test("fails when it has nothing to compare", async () => {
    const empty = { json: { outputs: [], config: undefined }, tensors: null };
    expect(await outcomeOf(empty)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("nothing to compare"),
    });
  });
});

describe("a broken case file is a failed case with a sentence", () => {
  test.each([
    ["no JSON", { text: "{" }, /c\.json is not JSON/],
    ["no object", { text: "[]" }, /c\.json/],
    ["no kind", { json: { kind: undefined } }, /kind/],
    ["a config that the kind cannot have", { json: { config: { seed: "x" } } }, /config/],
    ["a seed out of range", { json: { config: { seed: -1, stream: 0, n: 6 } } }, /seed/],
    ["limits that are no numbers", { json: { atol: "small" } }, /atol/],
    ["no limits", { json: { atol: undefined } }, /atol and rtol/],
    ["no tensors", { tensors: null }, /c\.safetensors is missing/],
    ["a tensor that the JSON names and the file lacks", { tensors: {} }, /no out\.normals/],
    ["another shape", { json: { config: { seed: 5, stream: 0, n: 7 } } }, /shape \[7\], expected \[6\]/],
  ] as const)("%s", async (_, change, reason) => {
    const outcome = await outcomeOf(change);
    expect(outcome).toMatchObject({ status: "failed", reason: expect.stringMatching(reason) });
  });
});

test("a kind from elsewhere counts as failed unless that is allowed", async () => {
  const outcome = await outcomeOf({ json: { kind: "tea" } });
  expect(lineOf(outcome)).toMatch(/^unknown .*kind "tea"/);
  const strict = { passed: 0, failed: 0 };
  const lenient = { passed: 0, failed: 0 };
  count(strict, outcome, false);
  count(lenient, outcome, true);
  expect([strict, lenient]).toEqual([
    { passed: 0, failed: 1 },
    { passed: 0, failed: 0 },
  ]);
});
