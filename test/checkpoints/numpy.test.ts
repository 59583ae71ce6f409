import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import { describeNumpyError, parseNumpy } from "#checkpoints/numpy.ts";
import { survivesEveryByte, survivesMutations } from "../bytes/mutations.ts";

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, "../fixtures/golden/13_malformed", name));

/** A .npy file with this header text, padded as numpy does. */
function npy(header: string, data: Uint8Array = new Uint8Array(), version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const text = new TextEncoder().encode(`${header}\n`);
  const bytes = new Uint8Array(8 + lengthBytes + text.length + data.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(text, 8 + lengthBytes);
  bytes.set(data, 8 + lengthBytes + text.length);
  return bytes;
}
const header = (descr: string, shape: string, order = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
const f4 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** Shape and values in row-major order, or the error's kind. */
function read(bytes: Uint8Array): [readonly number[], number[]] | string {
  const parsed = parseNumpy(bytes);
  return parsed.ok ? [parsed.value.shape, [...toFloat32(parsed.value)]] : parsed.error.kind;
}

describe("reading", () => {
  test("files that numpy wrote, row-major and column-major", () => {
    expect(read(fixture("npy_ok.npy"))).toEqual([
      [2, 3],
      [0, 1, 2, 3, 4, 5],
    ]);
    expect(read(fixture("npy_fortran.npy"))).toEqual([
      [2, 3],
      [0, 2, 4, 1, 3, 5],
    ]);
  });

  test.each([
    ["a scalar", npy(header("<f4", "()"), f4(2.5)), [[], [2.5]]],
    ["one axis", npy(header("<f4", "(2,)"), f4(1, 2)), [[2], [1, 2]]],
    ["an empty array", npy(header("<f4", "(0, 4)")), [[0, 4], []]],
    ["version 2", npy(header("|u1", "(2,)"), Uint8Array.of(3, 4), 2), [[2], [3, 4]]],
    ["version 3", npy(header("|u1", "(2,)"), Uint8Array.of(3, 4), 3), [[2], [3, 4]]],
    [
      "big-endian",
      npy(header(">i4", "(2,)"), Uint8Array.of(0, 0, 1, 2, 255, 255, 255, 255)),
      [[2], [258, -1]],
    ],
    ["booleans", npy(header("|b1", "(2,)"), Uint8Array.of(0, 1)), [[2], [0, 1]]],
    [
      "column-major in three axes",
      npy(header("|u1", "(2, 1, 3)", "True"), Uint8Array.of(0, 1, 2, 3, 4, 5)),
      [
        [2, 1, 3],
        [0, 2, 4, 1, 3, 5],
      ],
    ],
    [
      "another order of entries",
      npy("{'shape':(1,),'descr':'|i1','fortran_order':False}", Uint8Array.of(255)),
      [[1], [-1]],
    ],
  ] as const)("%s", (_, bytes, expected) => expect(read(bytes)).toEqual(expected));
});

describe("every way to fail has its name and a sentence", () => {
  test.each([
    ["NotNumpy", new Uint8Array(9)],
    ["NotNumpy", new TextEncoder().encode("not a numpy file")],
    ["VersionRefused", npy(header("<f4", "()"), f4(1), 4)],
    ["HeaderTruncated", npy(header("<f4", "()")).subarray(0, 40)],
    ["HeaderTruncated", npy("", undefined, 2).subarray(0, 11)],
    ["HeaderNotLiteral", fixture("npy_header_expression.npy")],
    ["HeaderNotLiteral", npy("[1]")],
    ["HeaderNotLiteral", npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}")],
    ["HeaderNotLiteral", npy("{'descr': '<f4', 'shape': ()}")],
    ["HeaderNotLiteral", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 'x'}")],
    ["HeaderNotLiteral", npy("{'descr': '<f4', 'fortran_order': 'False', 'shape': ()}")],
    ["HeaderNotLiteral", npy(`{${" ".repeat(20_000)}}`)],
    ["ObjectArray", fixture("npy_object.npy")],
    ["DtypeRefused", npy(header("<c8", "()"))],
    ["DtypeRefused", npy(header("<U4", "()"))],
    ["DtypeRefused", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}")],
    ["ShapeRefused", fixture("npy_negative_shape.npy")],
    ["ShapeRefused", npy(header("<f4", "(1)"), f4(1))],
    ["ShapeRefused", npy(header("<f4", "(99999999999999999999,)"))],
    ["ShapeRefused", npy(header("<f4", "(4294967296, 4294967296)"))],
    ["DataSize", fixture("npy_bad_shape.npy")],
    ["DataSize", npy(header("<f4", "()"), new Uint8Array(5))],
  ] as const)("%s", (kind, bytes) => {
    const parsed = parseNumpy(bytes);
    expect(parsed).toMatchObject({ ok: false, error: { kind } });
    if (!parsed.ok) expect(describeNumpyError(parsed.error)).toMatch(/\.$/);
  });
});

describe("damaged files never throw, hang or balloon", () => {
  const parse = (bytes: Uint8Array) => typeof read(bytes) === "string";
  const samples = [
    fixture("npy_ok.npy"),
    fixture("npy_fortran.npy"),
    npy(header(">f8", "(1,)"), new Uint8Array(8), 2),
  ];
  test("random mutations", () => expect(survivesMutations(samples, parse)).toBeGreaterThan(200));
  test("each byte of a small file", () => survivesEveryByte(samples[1], parse));
});
