import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { halfToNumber, toFloat32, toHalfBits } from "#checkpoints/floats.ts";
import { parseSafetensors } from "#checkpoints/safetensors.ts";
import type { Dtype } from "#checkpoints/tensor.ts";

/** The bytes of a typed array as a tensor of one dimension. */
const raw = (dtype: Dtype, array: ArrayBufferView & { length: number }) => ({
  dtype,
  shape: [array.length],
  bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
});

test("known halves have their published values", () => {
  const known: [number, number][] = [
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x03ff, 0.00006097555160522461],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0x3c01, 1.0009765625],
    [0x7bff, 65504],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xc000, -2],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ];
  for (const [bits, value] of known) expect([bits, halfToNumber(bits)]).toEqual([bits, value]);
  expect(halfToNumber(0x7e00)).toBeNaN();
  expect(Object.is(halfToNumber(0x8000), -0)).toBe(true);
});

test("every half survives the way to float32 and back; NaN stays a NaN of its sign", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const back = toHalfBits(toFloat32(raw("F16", bits)));
  const isNaNBits = (b: number) => (b & 0x7c00) === 0x7c00 && (b & 0x3ff) !== 0;
  const wrong = bits.filter((b) => (isNaNBits(b) ? !isNaNBits(back[b]) : back[b] !== b));
  expect([...wrong]).toEqual([]);
});

test("halfway between two halves rounds to the even one, beside it to the nearer one", () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const middle = (halfToNumber(bits) + halfToNumber(bits + 1)) / 2; // exact: 12 significant bits
    const step = 2 ** -40 * Math.max(middle, 2 ** -14) * 2 ** 17; // a float32 step or a few, far below half a half
    const values = Float32Array.of(middle, middle - step, middle + step, -middle);
    const even = bits % 2 === 0 ? bits : bits + 1;
    expect([...toHalfBits(values)]).toEqual([even, bits, bits + 1, even | 0x8000]);
  }
});

test("values past the largest half go to infinity from 65520 on, tiny ones to zero up to 2^-25", () => {
  const values = Float32Array.of(65519.996, 65520, 3.4e38, -1e6, 2 ** -25, 2 ** -25 * 1.0001, 1e-45);
  expect([...toHalfBits(values)]).toEqual([0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 1, 0]);
});

test("BF16 is the upper half of a float32, bit for bit", () => {
  const words = Uint16Array.of(0x3f80, 0xc049, 0x0001, 0x7f80);
  expect([...toFloat32(raw("BF16", words))]).toEqual([1, -3.140625, 2 ** -133, Number.POSITIVE_INFINITY]);
});

test("integers, booleans and doubles come out as the nearest float32", () => {
  expect([...toFloat32(raw("I64", BigInt64Array.of(-1n, 5n, -(2n ** 40n))))]).toEqual([-1, 5, -(2 ** 40)]);
  expect([...toFloat32(raw("U64", BigUint64Array.of(2n ** 63n)))]).toEqual([2 ** 63]);
  expect([...toFloat32(raw("I32", Int32Array.of(-7, 16777217)))]).toEqual([-7, 16777216]);
  expect([...toFloat32(raw("U32", Uint32Array.of(4294967295)))]).toEqual([2 ** 32]);
  expect([...toFloat32(raw("I16", Int16Array.of(-32768)))]).toEqual([-32768]);
  expect([...toFloat32(raw("U16", Uint16Array.of(65535)))]).toEqual([65535]);
  expect([...toFloat32(raw("I8", Int8Array.of(-128)))]).toEqual([-128]);
  expect([...toFloat32(raw("U8", Uint8Array.of(255)))]).toEqual([255]);
  expect([...toFloat32(raw("BOOL", Uint8Array.of(0, 1)))]).toEqual([0, 1]);
  expect([...toFloat32(raw("F64", Float64Array.of(0.1, 1e300)))]).toEqual([
    Math.fround(0.1),
    Number.POSITIVE_INFINITY,
  ]);
});

test("a tensor that starts at an odd byte is read all the same", () => {
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setFloat32(1, 1.5, true);
  new DataView(bytes.buffer).setFloat32(5, -2, true);
  expect([...toFloat32({ dtype: "F32", shape: [2], bytes: bytes.subarray(1) })]).toEqual([1.5, -2]);
});

test("the f16 and bf16 versions of the golden model are its f32 weights, rounded", () => {
  const read = (name: string) => {
    const parsed = parseSafetensors(readFileSync(join(import.meta.dirname, "../fixtures/golden", name)));
    if (!parsed.ok) throw new Error(name);
    return parsed.value.tensors;
  };
  const f32 = read("12_model_f32.safetensors");
  for (const [name, half] of read("12_model_f16.safetensors")) {
    const full = f32.get(name);
    if (full && half.dtype === "F16")
      expect(toFloat32(half)).toEqual(toFloat32(raw("F16", toHalfBits(toFloat32(full)))));
  }
  for (const [name, brain] of read("12_model_bf16.safetensors")) {
    const full = toFloat32(f32.get(name) ?? brain);
    const error = toFloat32(brain).map((value, i) => Math.abs(value - full[i]) - Math.abs(full[i]) * 2 ** -8); // 8 bits of fraction
    expect(Math.max(...error)).toBeLessThanOrEqual(0);
  }
});
