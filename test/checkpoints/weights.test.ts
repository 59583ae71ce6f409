import { expect, test } from "vitest";
import type { RawTensor } from "#checkpoints/tensor.ts";
import { checkWeights, describeWeightsError } from "#checkpoints/weights.ts";

const tensor = (shape: number[], ...values: number[]): RawTensor => ({
  dtype: "F32",
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});
const spec = new Map([
  ["a", [2]],
  ["b", [1, 2]],
  ["c", []],
]);

test("weights that fit come out widened, in the order of the config", () => {
  const checked = checkWeights(
    new Map([
      ["c", tensor([], 5)],
      ["b", tensor([1, 2], 3, 4)],
      ["a", { dtype: "F16", shape: [2], bytes: Uint8Array.of(0, 0x3c, 0, 0xc0) }],
    ]),
    spec,
  );
  if (!checked.ok) throw new Error(describeWeightsError(checked.error));
  expect([...checked.value.weights]).toEqual([
    ["a", { shape: [2], values: Float32Array.of(1, -2) }],
    ["b", { shape: [1, 2], values: Float32Array.of(3, 4) }],
    ["c", { shape: [], values: Float32Array.of(5) }],
  ]);
  expect(checked.value.unexpected).toEqual([]);
});

test("a tensor that the config does not have is left out and reported", () => {
  const checked = checkWeights(
    new Map([
      ["a", tensor([2], 1, 2)],
      ["extra", tensor([1], 1)],
    ]),
    new Map([["a", [2]]]),
  );
  expect(checked).toMatchObject({ ok: true, value: { unexpected: ["extra"] } });
  expect(checked.ok && checked.value.weights.has("extra")).toBe(false);
});

test("one error lists all that is missing, misshapen, not finite and unexpected", () => {
  const checked = checkWeights(
    new Map([
      ["b", tensor([2, 1], 1, 2)],
      ["c", tensor([], Number.NaN)],
      ["d", tensor([1], 1)],
    ]),
    spec,
  );
  expect(checked).toEqual({
    ok: false,
    error: {
      kind: "WeightsMismatch",
      missing: ["a"],
      unexpected: ["d"],
      misshapen: [{ name: "b", expected: [1, 2], actual: [2, 1] }],
      nonFinite: [{ name: "c", count: 1 }],
    },
  });
  if (!checked.ok) {
    const sentence = describeWeightsError(checked.error);
    for (const part of [
      "Missing (1): a.",
      "b is [2, 1], expected [1, 2]",
      "c (1 values)",
      "Not part of the model (1): d.",
    ])
      expect(sentence).toContain(part);
  }
});

test("an infinite weight, also one that only float32 makes infinite, is refused", () => {
  const double: RawTensor = {
    dtype: "F64",
    shape: [2],
    bytes: new Uint8Array(Float64Array.of(1e300, 1).buffer),
  };
  for (const a of [tensor([2], Number.POSITIVE_INFINITY, 0), double])
    expect(checkWeights(new Map([["a", a]]), new Map([["a", [2]]]))).toMatchObject({
      ok: false,
      error: { nonFinite: [{ name: "a", count: 1 }] },
    });
});

test("a long list is cut with the number left out", () => {
  const names = Array.from({ length: 12 }, (_, i) => `w${i}`);
  const checked = checkWeights(new Map(), new Map(names.map((n) => [n, [1]])));
  expect(!checked.ok && describeWeightsError(checked.error)).toContain("w7 and 4 more");
});
