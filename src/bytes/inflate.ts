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

/** Inflates a raw deflate stream of exactly `expectedBytes`. Total: never throws. Stops at the first byte too many;
 *  memory beyond the result is at most about 8 MiB. The caller bounds `expectedBytes` before it asks. */
export function inflate(deflated: Uint8Array, expectedBytes: number): Result<Uint8Array, InflateError> {
  if (expectedBytes > (deflated.length + 1) * largestRatio)
    return fail({ kind: "RatioImpossible", deflatedBytes: deflated.length, expectedBytes });
  const out = new Uint8Array(expectedBytes);
  let length = 0;
  const stream = new Inflate((piece) => {
    if (length + piece.length <= expectedBytes) out.set(piece, length);
    length += piece.length;
  });
  try {
    for (let at = 0; at < deflated.length && length <= expectedBytes; at += pieceBytes)
      stream.push(deflated.subarray(at, at + pieceBytes), at + pieceBytes >= deflated.length);
  } catch (error) {
    if (length <= expectedBytes)
      return fail({ kind: "DeflateDamaged", detail: error instanceof Error ? error.message : String(error) });
  }
  if (length > expectedBytes) return fail({ kind: "InflatesTooLong", expectedBytes });
  if (length < expectedBytes) return fail({ kind: "InflatesTooShort", expectedBytes, actualBytes: length });
  return ok(out);
}

/** Adler-32 (RFC 1950) as an unsigned number. */
export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
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

/** Inflates a zlib stream (RFC 1950) of exactly `expectedBytes` and checks its Adler-32. Total, as `inflate`. */
export function unzlib(stream: Uint8Array, expectedBytes: number): Result<Uint8Array, InflateError> {
  const [method = 0, flags = 0] = stream;
  if (stream.length < 6 || (method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0 || flags & 32)
    return fail({ kind: "DeflateDamaged", detail: "no zlib header" });
  const body = inflate(stream.subarray(2, stream.length - 4), expectedBytes);
  if (!body.ok) return body;
  const expected = new DataView(stream.buffer, stream.byteOffset + stream.length - 4, 4).getUint32(0);
  const actual = adler32(body.value);
  return actual === expected ? body : fail({ kind: "AdlerMismatch", expected, actual });
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
