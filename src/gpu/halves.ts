/** Exponents of normal halves: 2^−14 … 2^15. Smaller ones have fewer digits, and a GPU may read them as zero. */
const [LEAST, GREATEST] = [-14, 15];
/** The bits of the first float32 that is not a finite number. */
const INFINITY = 0x7f80_0000;

/** Numbers as halves, two to a word, the first in the low bits: value = half · scale, scale a power of two that lifts the
 *  largest to the top of what a half can say. Null when one of them would lose a digit. Their count is even. */
export function packHalves(values: Float32Array): { halves: Uint32Array; scale: number } | null {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let largest = 0;
  for (const word of bits) largest = Math.max(largest, word & 0x7fff_ffff);
  if (largest >= INFINITY) return null;
  const lift = GREATEST - exponentOf(largest);
  const halves = new Uint32Array(values.length / 2);
  for (let i = 0; i < bits.length; i++) {
    const half = halfOf(bits[i], lift);
    if (half === null) return null;
    halves[i >> 1] |= half << (16 * (i & 1));
  }
  return { halves, scale: 2 ** -lift };
}

const exponentOf = (word: number): number => ((word >>> 23) & 0xff) - 127;

/** The half of a float32 times 2^lift, both as bits. */
function halfOf(word: number, lift: number): number | null {
  const sign = (word >>> 16) & 0x8000;
  if ((word & 0x7fff_ffff) === 0) return sign;
  const exponent = exponentOf(word) + lift;
  const exact = (word & 0x1fff) === 0 && exponent >= LEAST && exponent <= GREATEST && exponentOf(word) > -127;
  return exact ? sign | ((exponent + 15) << 10) | ((word >>> 13) & 0x3ff) : null;
}
