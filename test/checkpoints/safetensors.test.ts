import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import { describeSafetensorsError, parseSafetensors, writeSafetensors } from "#checkpoints/safetensors.ts";
import { BYTES_PER_ELEMENT, type Dtype, isDtype, type RawTensor } from "#checkpoints/tensor.ts";
import { survivesEveryByte, survivesMutations } from "../bytes/mutations.ts";

const golden = join(import.meta.dirname, "../fixtures/golden");
const malformed = join(golden, "13_malformed");

/** A file with this header (text) and this many data bytes. */
function file(header: string, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** Header of one or more F32 tensors. */
const entry = (shape: unknown, offsets: unknown, dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const header = (entries: Record<string, unknown>) => JSON.stringify(entries);

const everyDtype: readonly [string, RawTensor][] = Object.keys(BYTES_PER_ELEMENT)
  .filter((name): name is Dtype => isDtype(name))
  .map((dtype) => [
    dtype,
    { dtype, shape: [2, 3], bytes: new Uint8Array(6 * BYTES_PER_ELEMENT[dtype]).map((_, i) => i) },
  ]);
const sample = new Map<string, RawTensor>([
  ...everyDtype,
  ["scalar", { dtype: "F32", shape: [], bytes: new Uint8Array(4) }],
  ["empty", { dtype: "F32", shape: [0, 4], bytes: new Uint8Array() }],
  ["__proto__", { dtype: "U8", shape: [3], bytes: Uint8Array.of(1, 2, 3) }],
]);

describe("round trip", () => {
  test("parse(write(x)) = x for every element type, a scalar, an empty tensor and the name __proto__", () => {
    const parsed = parseSafetensors(writeSafetensors(sample, new Map([["config", "{}"]])));
    if (!parsed.ok) throw new Error(describeSafetensorsError(parsed.error));
    expect(new Map([...parsed.value.tensors].sort())).toEqual(new Map([...sample].sort()));
    expect(parsed.value.metadata).toEqual(new Map([["config", "{}"]]));
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  test("every tensor of a written file is aligned to its element size", () => {
    const parsed = parseSafetensors(writeSafetensors(sample));
    if (!parsed.ok) throw new Error(describeSafetensorsError(parsed.error));
    for (const [name, { dtype, bytes }] of parsed.value.tensors)
      expect([name, bytes.byteOffset % BYTES_PER_ELEMENT[dtype]]).toEqual([name, 0]);
  });

  test("a tensor whose bytes do not fit its shape, or called __metadata__, is not written", () => {
    expect(() =>
      writeSafetensors(new Map([["a", { dtype: "F32", shape: [2], bytes: new Uint8Array(4) }]])),
    ).toThrow(RangeError);
    expect(() =>
      writeSafetensors(new Map([["__metadata__", { dtype: "U8", shape: [0], bytes: new Uint8Array() }]])),
    ).toThrow(RangeError);
  });

  test("a file that starts in the middle of a buffer reads the same", () => {
    const bytes = writeSafetensors(sample);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const parsed = parseSafetensors(shifted.subarray(3));
    expect(
      parsed.ok &&
        toFloat32({
          dtype: "U8",
          shape: [3],
          bytes: parsed.value.tensors.get("__proto__")?.bytes ?? new Uint8Array(),
        }),
    ).toEqual(Float32Array.of(1, 2, 3));
  });
});

describe("every way to fail has its name and a sentence", () => {
  const huge = new Uint8Array(file("{}"));
  huge.fill(255, 0, 8);
  const notText = file("{}x");
  notText[10] = 0xff;
  test.each([
    ["FileTooShort", new Uint8Array(7)],
    ["HeaderTooLong", file("{}").subarray(0, 9)],
    ["HeaderTooLong", huge],
    ["HeaderNotText", notText],
    ["HeaderNotJson", file("{a}")],
    ["HeaderNotJson", file('{"a":{},"a":{}}')],
    ["HeaderNotObject", file("[]")],
    ["HeaderNotObject", file(" {}")],
    ["MetadataNotText", file('{"__metadata__":{"a":1}}')],
    ["MetadataNotText", file('{"__metadata__":"a"}')],
    ["EntryNotObject", file('{"a":3}')],
    ["UnknownDtype", file(header({ a: entry([1], [0, 4], "F31") }), 4)],
    ["UnknownDtype", file(header({ a: entry([1], [0, 4], "constructor") }), 4)],
    ["UnknownDtype", file(header({ a: { shape: [1], data_offsets: [0, 4] } }), 4)],
    ["BadShape", file(header({ a: entry([-1, -1], [0, 4]) }), 4)],
    ["BadShape", file(header({ a: entry([0.5], [0, 4]) }), 4)],
    ["BadShape", file(header({ a: entry("1", [0, 4]) }), 4)],
    ["BadShape", file('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4)],
    ["ShapeTooLarge", file(header({ a: entry([2 ** 32, 2 ** 32], [0, 0]) }))],
    ["BadOffsets", file(header({ a: entry([1], [0, 4, 8]) }), 4)],
    ["BadOffsets", file(header({ a: entry([1], [0, 4.5]) }), 4)],
    ["BeginAfterEnd", file(header({ a: entry([1], [4, 0]) }), 4)],
    ["PastEnd", file(header({ a: entry([2], [0, 8]) }), 4)],
    ["SizeMismatch", file(header({ a: entry([3], [0, 8]) }), 8)],
    ["SpansNotContiguous", file(header({ a: entry([2], [0, 8]), b: entry([2], [4, 12]) }), 12)],
    ["SpansNotContiguous", file(header({ a: entry([1], [4, 8]) }), 8)],
    ["TrailingBytes", file(header({ a: entry([1], [0, 4]) }), 8)],
  ] as const)("%s", (kind, bytes) => {
    const parsed = parseSafetensors(bytes);
    expect(parsed).toMatchObject({ ok: false, error: { kind } });
    if (!parsed.ok) expect(describeSafetensorsError(parsed.error)).toMatch(/\.$/);
  });
});

test("each malformed safetensors file ends in an answer", () => {
  for (const name of readdirSync(malformed).filter((n) => n.startsWith("st_")))
    expect(() => parseSafetensors(readFileSync(join(malformed, name))), name).not.toThrow();
});

describe("damaged files never throw, hang or balloon", () => {
  const parse = (bytes: Uint8Array) => !parseSafetensors(bytes).ok;
  test("random mutations", () => {
    const samples = ["st_ok", "st_model_ok", "st_scalar_and_empty"].map((n) =>
      readFileSync(join(malformed, `${n}.safetensors`)),
    );
    expect(survivesMutations([...samples, writeSafetensors(sample)], parse)).toBeGreaterThan(0);
  });
  test("each byte of a small file", () =>
    survivesEveryByte(readFileSync(join(malformed, "st_ok.safetensors")), parse));
});
