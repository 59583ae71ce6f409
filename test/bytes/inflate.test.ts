import { deflateRawSync, deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { adler32, describeInflateError, inflate, unzlibTo } from "#bytes/inflate.ts";
import { seeded, survivesEveryByte, survivesMutations } from "./mutations.ts";

/** All bytes of a zlib stream. */
function unzlib(stream: Uint8Array, expectedBytes: number) {
  const value = new Uint8Array(Math.min(expectedBytes, 1e6));
  const error = unzlibTo(stream, expectedBytes, (piece, at) => value.set(piece, at));
  return error ? { ok: false as const, error } : { ok: true as const, value };
}

const random = seeded(1);
const noisy = Uint8Array.from({ length: 70_000 }, () => random() * 256);
const smooth = Uint8Array.from({ length: 300_000 }, (_, i) => (i >> 8) & 255);

test.each([
  ["empty", new Uint8Array()],
  ["noise", noisy],
  ["smooth", smooth],
] as const)("inflate undoes zlib's deflate: %s", (_, bytes) => {
  for (const level of [0, 1, 9]) {
    // Buffers, since toEqual takes seconds over 300,000 numbers.
    for (const back of [
      inflate(deflateRawSync(bytes, { level }), bytes.length),
      unzlib(deflateSync(bytes, { level }), bytes.length),
    ])
      expect(back.ok && Buffer.compare(back.value, bytes)).toBe(0);
  }
});

test("adler32 gives the published value of 'Wikipedia'", () => {
  expect(adler32(new TextEncoder().encode("Wikipedia"))).toBe(0x11e60398);
});

test("a stream longer or shorter than declared is refused", () => {
  const stream = deflateRawSync(smooth);
  expect(inflate(stream, smooth.length - 1)).toMatchObject({ ok: false, error: { kind: "InflatesTooLong" } });
  expect(inflate(stream, smooth.length + 1)).toMatchObject({
    ok: false,
    error: { kind: "InflatesTooShort" },
  });
  expect(inflate(stream.subarray(0, 100), smooth.length)).toMatchObject({ ok: false });
});

test("a bomb that says it is small stops at its first bytes too many", () => {
  const bomb = deflateRawSync(new Uint8Array(64 * 2 ** 20), { level: 9 });
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  expect(inflate(bomb, 10)).toEqual({ ok: false, error: { kind: "InflatesTooLong", expectedBytes: 10 } });
  expect(performance.now() - start).toBeLessThan(1000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(48 * 2 ** 20);
});

test("a length that deflate cannot reach is refused before anything is allocated", () => {
  expect(inflate(new Uint8Array(20), 2 ** 40)).toMatchObject({
    ok: false,
    error: { kind: "RatioImpossible" },
  });
});

test("a wrong checksum, a wrong header and a reserved block type are named", () => {
  const stream = Uint8Array.from(deflateSync(smooth));
  stream[stream.length - 1] ^= 1;
  expect(unzlib(stream, smooth.length)).toMatchObject({ ok: false, error: { kind: "AdlerMismatch" } });
  expect(unzlib(new Uint8Array(20), 5)).toMatchObject({ ok: false, error: { kind: "DeflateDamaged" } });
  const reserved = inflate(Uint8Array.of(7, 0, 0, 0), 5);
  expect(reserved).toMatchObject({ ok: false, error: { kind: "DeflateDamaged" } });
  if (!reserved.ok) expect(describeInflateError(reserved.error)).toContain("damaged");
});

test("damaged streams never throw, hang or balloon", () => {
  const small = deflateSync(smooth.subarray(0, 2000));
  const refused = survivesMutations(
    [small, deflateSync(noisy.subarray(0, 1000))],
    (bytes) => !unzlib(bytes, 2000).ok,
  );
  expect(refused).toBeGreaterThan(0);
  survivesEveryByte(small, (bytes) => unzlib(bytes, 2000).ok);
});
