import { averageByArea } from "./averageByArea.ts";
import { lumaOf } from "./crop.ts";

/** Blocks along a side. */
const BLOCKS = 8;

/** A small perceptual hash of an image, with the coarse colours behind it. */
export interface Fingerprint {
  /** 64 bits, 32 in each: whether a block of the 8 × 8 is darker than its right neighbour (the last one's is the first of
   *  its row) by more than DEAD levels of luma. */
  readonly upper: number;
  readonly lower: number;
  /** Mean colours of the 8 × 8 blocks: RGB, 192 bytes. */
  readonly colours: Uint8Array;
}

/** Differences that compression alone makes in a flat block stay below it. */
const DEAD = 2;

/** Fingerprint of an image: RGB, size × size × 3 bytes. */
export function fingerprintOf(rgb: Uint8Array, size: number): Fingerprint {
  const rgba = new Uint8Array(4 * size * size);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
  }
  const whole = { left: 0, top: 0, side: size };
  const colours = averageByArea({ width: size, height: size, rgba }, whole, BLOCKS);
  const halves = [0, 0];
  for (let i = 0; i < BLOCKS * BLOCKS; i++) {
    const right = i % BLOCKS === BLOCKS - 1 ? i - BLOCKS + 1 : i + 1;
    if (lumaOf(colours, 3 * right) - lumaOf(colours, 3 * i) > DEAD) halves[i >> 5] |= 1 << (i & 31);
  }
  return { upper: halves[0] >>> 0, lower: halves[1] >>> 0, colours };
}

/** How far two images are apart. */
export interface Distance {
  /** Bits of 64 that differ. */
  readonly bits: number;
  /** Largest difference of a block's colour, in levels of 255. */
  readonly levels: number;
}

export function distance(a: Fingerprint, b: Fingerprint): Distance {
  let levels = 0;
  for (let i = 0; i < a.colours.length; i++) levels = Math.max(levels, Math.abs(a.colours[i] - b.colours[i]));
  return { bits: bitsApart(a, b), levels };
}

export const bitsApart = (a: Fingerprint, b: Fingerprint): number =>
  ones(a.upper ^ b.upper) + ones(a.lower ^ b.lower);

/** Set bits of a 32-bit number; Hacker's Delight, fig. 5-2. */
function ones(x: number): number {
  let n = x - ((x >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
