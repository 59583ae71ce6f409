import type { RawTensor } from "./tensor.ts";

/** Value of a half (IEEE 754 binary16) given by its 16 bits; exact, since every half is a float32. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** All 65,536 halves; made once, at the first f16 tensor, since a look-up is ten times faster than the arithmetic. */
let halves: Float32Array | null = null;
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToNumber(bits));
  return halves;
}

/** The values of a tensor as float32, a copy. Exact for F32, F16, BF16, BOOL and integers of up to 16 bits; the
 *  nearest float32 (ties to even) for I32, U32 and F64; for I64 and U64 beyond 2⁵³ rounded to float64 on the way. */
export function toFloat32({ dtype, bytes }: RawTensor): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case "F32":
      return fill(bytes.length / 4, (i) => view.getFloat32(4 * i, true), bytes);
    case "F16":
      return widenHalves(wordsOf(bytes));
    case "BF16":
      return new Float32Array(Uint32Array.from(wordsOf(bytes), (word) => word << 16).buffer);
    case "F64":
      return fill(bytes.length / 8, (i) => view.getFloat64(8 * i, true));
    case "BOOL":
      return fill(bytes.length, (i) => (view.getUint8(i) ? 1 : 0));
    case "U8":
      return fill(bytes.length, (i) => view.getUint8(i));
    case "I8":
      return fill(bytes.length, (i) => view.getInt8(i));
    case "I16":
      return fill(bytes.length / 2, (i) => view.getInt16(2 * i, true));
    case "U16":
      return fill(bytes.length / 2, (i) => view.getUint16(2 * i, true));
    case "I32":
      return fill(bytes.length / 4, (i) => view.getInt32(4 * i, true));
    case "U32":
      return fill(bytes.length / 4, (i) => view.getUint32(4 * i, true));
    case "I64":
      return fill(
        bytes.length / 8,
        (i) => view.getInt32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true),
      );
    case "U64":
      return fill(
        bytes.length / 8,
        (i) => view.getUint32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true),
      );
  }
}

/** A loop of its own: models are files of halves, and their millions of weights are widened while somebody waits. */
function widenHalves(words: Uint16Array): Float32Array {
  const table = halfTable();
  const out = new Float32Array(words.length);
  for (let i = 0; i < out.length; i++) out[i] = table[words[i]];
  return out;
}

/** The 16-bit words of little-endian bytes, which need not begin at an even address: a copy. */
function wordsOf(bytes: Uint8Array): Uint16Array {
  const words = new Uint16Array(bytes.length / 2);
  const copy = new Uint8Array(words.buffer);
  copy.set(bytes);
  if (!littleEndianHost) for (let i = 0; i < copy.length; i += 2) copy.subarray(i, i + 2).reverse();
  return words;
}

/** `same` holds the very bytes of the result where host and file agree: one copy instead of a loop. */
function fill(length: number, value: (i: number) => number, same?: Uint8Array): Float32Array {
  const out = new Float32Array(length);
  if (same && littleEndianHost) new Uint8Array(out.buffer).set(same);
  else for (let i = 0; i < length; i++) out[i] = value(i);
  return out;
}

const littleEndianHost = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Bits of the half nearest to each value, ties to even; beyond 65,520 infinity, NaN stays a NaN.
 *  Source: IEEE 754-2019 §4.3.1, roundTiesToEven. */
export function toHalfBits(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = halfBits(words[i]);
  return out;
}

function halfBits(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 255) - 112; // biased as a half: 127 − 15 less
  const fraction = word & 0x7fffff;
  if (exponent === 143) return sign | 0x7c00 | (fraction ? 0x200 | (fraction >>> 13) : 0);
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent <= -11) return sign; // below half of the smallest subnormal
  // The bits that are kept, with the hidden one for a subnormal; a carry out of the fraction rightly raises the exponent.
  const shift = exponent > 0 ? 13 : 14 - exponent;
  const whole = exponent > 0 ? (exponent << 23) | fraction : fraction | 0x800000;
  const kept = whole >>> shift;
  const rest = whole & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && kept & 1) ? 1 : 0));
}
