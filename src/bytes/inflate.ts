import { Inflate } from "fflate";
import { fail, ok, type Result } from "./result.ts";

export type InflateError =
  | { kind: "RatioImpossible"; deflatedBytes: number; expectedBytes: number }
  | { kind: "InflatesTooLong"; expectedBytes: number }
  | { kind: "InflatesTooShort"; expectedBytes: number; actualBytes: number }
  | { kind: "DeflateDamaged"; detail: string }
  | { kind: "AdlerMismatch"; expected: number; actual: number };

/** Deflate cannot do better than 258 bytes out of 2 bits (RFC 1951), about 1032 to 1. */
const largestRatio = 1032;
/** Input handed over at once. One piece can grow by `largestRatio`, so this bounds the memory a stream that lies
 *  about its length can take: 8 MiB. */
const pieceBytes = 8192;

/** Takes the next bytes of the result; `at` is how many came before. The piece is only lent. */
export type Sink = (piece: Uint8Array, at: number) => void;

/** Inflates a raw deflate stream of exactly `expectedBytes` piece by piece into `sink`. Total: never throws (unless
 *  `sink` does). Stops within 8 MiB of the first byte too many, which `sink` never gets. null when all is well. */
export function inflateTo(deflated: Uint8Array, expectedBytes: number, sink: Sink): InflateError | null {
  if (expectedBytes > (deflated.length + 1) * largestRatio)
    return { kind: "RatioImpossible", deflatedBytes: deflated.length, expectedBytes };
  let length = 0;
  let damage: string | null = null;
  const stream = new Inflate((piece) => {
    const at = length;
    length += piece.length;
    if (length <= expectedBytes) sink(piece, at);
  });
  for (let at = 0; at < deflated.length && length <= expectedBytes && damage === null; at += pieceBytes)
    try {
      stream.push(deflated.subarray(at, at + pieceBytes), at + pieceBytes >= deflated.length);
    } catch (error) {
      damage = error instanceof Error ? error.message : String(error);
    }
  if (length > expectedBytes) return { kind: "InflatesTooLong", expectedBytes };
  if (damage !== null) return { kind: "DeflateDamaged", detail: damage };
  return length < expectedBytes ? { kind: "InflatesTooShort", expectedBytes, actualBytes: length } : null;
}

/** The bytes of a raw deflate stream of exactly `expectedBytes`, which the caller bounds before it asks; otherwise as
 *  `inflateTo`. */
export function inflate(
  deflated: Uint8Array,
  expectedBytes: number,
): Result<Uint8Array<ArrayBuffer>, InflateError> {
  if (expectedBytes > (deflated.length + 1) * largestRatio)
    return fail({ kind: "RatioImpossible", deflatedBytes: deflated.length, expectedBytes });
  const out = new Uint8Array(expectedBytes);
  const error = inflateTo(deflated, expectedBytes, (piece, at) => out.set(piece, at));
  return error ? fail(error) : ok(out);
}

/** Adler-32 (RFC 1950) as an unsigned number; pass an earlier result as `start` to go on with it. */
export function adler32(bytes: Uint8Array, start = 1): number {
  let a = start & 0xffff;
  let b = start >>> 16;
  for (let at = 0; at < bytes.length; ) {
    const stop = Math.min(bytes.length, at + 3800); // the sums stay below 2³² for 5552 bytes; RFC 1950 §9
    for (; at < stop; at++) {
      a += bytes[at];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}

/** Inflates a zlib stream (RFC 1950) of exactly `expectedBytes` into `sink` and checks its Adler-32; otherwise as
 *  `inflateTo`. */
export function unzlibTo(stream: Uint8Array, expectedBytes: number, sink: Sink): InflateError | null {
  const [method, flags] = stream;
  if (stream.length < 6 || (method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0 || flags & 32)
    return { kind: "DeflateDamaged", detail: "no zlib header" };
  let actual = 1;
  const error = inflateTo(stream.subarray(2, stream.length - 4), expectedBytes, (piece, at) => {
    actual = adler32(piece, actual);
    sink(piece, at);
  });
  if (error) return error;
  const expected = new DataView(stream.buffer, stream.byteOffset + stream.length - 4, 4).getUint32(0);
  return actual === expected ? null : { kind: "AdlerMismatch", expected, actual };
}

/** One sentence about an error of this file. */
export function describeInflateError(error: InflateError): string {
  switch (error.kind) {
    case "RatioImpossible":
      return `${error.deflatedBytes} compressed bytes cannot hold the ${error.expectedBytes} that are declared`;
    case "InflatesTooLong":
      return `the compressed data is longer than the ${error.expectedBytes} bytes that are declared`;
    case "InflatesTooShort":
      return `the compressed data ends after ${error.actualBytes} of ${error.expectedBytes} bytes`;
    case "DeflateDamaged":
      return `the compressed data is damaged (${error.detail})`;
    case "AdlerMismatch":
      return "the checksum of the compressed data is wrong";
  }
}
