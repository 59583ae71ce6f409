import { describe, expect, test } from "vitest";
import { headEnd, packContainer, readContainer, readHead } from "#files/container.ts";

const HEAD = { name: "ä", losses: [0.1 + 0.2, 1e-300] };
const ARRAYS = {
  weights: Float32Array.of(1.5, -0, Number.NaN),
  table: Float64Array.of(Math.PI),
  labels: Int32Array.of(-1, 2),
  kept: Uint32Array.of(4_000_000_000),
  rgb: Uint8Array.of(1, 2, 3),
  none: new Float32Array(),
};
const file = (): Uint8Array => Uint8Array.from(Buffer.concat(packContainer({ head: HEAD, arrays: ARRAYS })));

describe("a container", () => {
  test("gives back what was packed, bit for bit", () => {
    const read = readContainer(file());
    expect(read).toEqual({ ok: true, value: { head: HEAD, arrays: ARRAYS } });
  });

  test("packs a part of a larger buffer as that part", () => {
    const part = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    const read = readContainer(
      Uint8Array.from(Buffer.concat(packContainer({ head: null, arrays: { part } }))),
    );
    expect(read.ok && read.value.arrays.part).toEqual(Float32Array.of(2, 3));
  });

  test("gives its head without its body", () => {
    const bytes = file();
    const end = headEnd(bytes.subarray(0, 16));
    expect(end.ok && readHead(bytes.subarray(0, end.value))).toEqual({ ok: true, value: HEAD });
  });

  test("is refused, never thrown at, wherever one of its bits is turned", () => {
    const whole = file();
    for (let at = 0; at < whole.length; at++) {
      const bytes = whole.slice();
      bytes[at] ^= 0x10;
      expect(readContainer(bytes).ok, `byte ${at}`).toBe(false);
    }
  });

  test("is refused, never thrown at, wherever it is cut", () => {
    const whole = file();
    for (let length = 0; length < whole.length; length++)
      expect(readContainer(whole.subarray(0, length)).ok, `${length} bytes`).toBe(false);
  });
});
