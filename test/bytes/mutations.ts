import { expect } from "vitest";

/** 500 damaged files a format in a normal run, 40 times as many in a soak. */
export const MUTATIONS = process.env.STEADYFLOW_SOAK === "1" ? 20_000 : 500;

/** Numbers in [0,1) that a seed fixes (mulberry32, public domain), so that a failing mutation can be made again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A damaged copy: flipped bits, an overwritten, removed, repeated or foreign stretch, or a cut end. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  const below = (n: number) => Math.floor(random() * Math.max(1, n));
  const copy = Uint8Array.from(bytes); // slice() of a Buffer would share its bytes
  const at = below(bytes.length);
  const length = 1 + below(Math.min(64, bytes.length - at));
  const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
  switch (below(7)) {
    case 0:
      for (let flips = 1 + below(8); flips > 0; flips--) copy[below(copy.length)] ^= 1 << below(8);
      return copy;
    case 1:
      return copy.fill([0, 255, 128, 0x7f][below(4)], at, at + length);
    case 2:
      return copy.subarray(0, at);
    case 3:
      return join(bytes.subarray(0, at), bytes.subarray(at + length));
    case 4:
      return join(bytes.subarray(0, at + length), bytes.subarray(at));
    case 5:
      return join(bytes.subarray(0, at), other.subarray(below(other.length)));
    default: {
      // Lengths and offsets are where parsers break: a whole word at once, the values on either side of a limit.
      const word = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, bytes.length, bytes.length + 1][below(7)];
      if (copy.length >= 4) new DataView(copy.buffer).setUint32(below(copy.length - 3), word, random() < 0.5);
      return copy;
    }
  }
}

/** Asserts that `parse` answers each damaged version of the samples in bounded time and memory, without a throw.
 *  Returns how many answers were refusals. `parse` says whether it refused. */
export function survivesMutations(
  samples: readonly Uint8Array[],
  parse: (bytes: Uint8Array) => boolean,
  count = MUTATIONS,
): number {
  const random = seeded(20_260);
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const pick = () => samples[Math.floor(random() * samples.length)];
    let bytes = mutate(pick(), pick(), random);
    if (random() < 0.3) bytes = mutate(bytes, pick(), random);
    const before = process.memoryUsage().arrayBuffers;
    const start = performance.now();
    try {
      if (parse(bytes)) refused++;
    } catch (error) {
      throw new Error(`mutation ${i} made the parser throw`, { cause: error });
    }
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(performance.now() - start, `milliseconds for mutation ${i}`).toBeLessThan(2000);
    expect(grown, `bytes allocated for mutation ${i}`).toBeLessThan(32 * 2 ** 20 + 40 * bytes.length);
  }
  return refused;
}

/** Asserts that `parse` answers with every single byte inverted, and with the file cut at every length. */
export function survivesEveryByte(bytes: Uint8Array, parse: (bytes: Uint8Array) => boolean): void {
  for (let i = 0; i < bytes.length; i++) {
    const copy = Uint8Array.from(bytes);
    copy[i] ^= 0xff;
    parse(copy);
    parse(bytes.subarray(0, i));
  }
}
