import { describe, expect, test } from "vitest";
import { createDuplicates, NEAR } from "#datasets/duplicates.ts";
import { distance, fingerprintOf } from "#datasets/fingerprint.ts";
import { rasterise, shrink } from "../../scripts/dataset/pixels.ts";
import { STYLES } from "../../scripts/dataset/styles.ts";

const avatar = (style: number, seed: number) =>
  shrink(rasterise(STYLES[style]!.avatar(`${STYLES[style]!.name}/${seed}`).toString()), 128, 64);

/** Noise of up to ± `levels`, as compression makes it. */
function noisy(rgb: Uint8Array, levels: number): Uint8Array {
  let state = 99;
  return rgb.map((level) => {
    state = (state * 75) % 65537;
    return Math.min(255, Math.max(0, level + (state % (2 * levels + 1)) - levels));
  });
}

test("an image is at distance 0 of itself, and a fingerprint has 64 bits", () => {
  const print = fingerprintOf(avatar(0, 1), 64);
  expect(distance(print, print)).toEqual({ bits: 0, levels: 0 });
  // Blocks that get darker and lighter by turns: every second one has a brighter neighbour.
  const stripes = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) =>
    (Math.floor(i / 3) % 64) & 8 ? 200 : 50,
  );
  const inverse = stripes.map((level) => 250 - level);
  expect(distance(fingerprintOf(stripes, 64), fingerprintOf(inverse, 64))).toEqual({ bits: 64, levels: 150 });
});

test("images of other sizes have the same fingerprint when their blocks have", () => {
  const large = rasterise(STYLES[2]!.avatar("dylan/4").toString());
  const apart = distance(fingerprintOf(large, 128), fingerprintOf(shrink(large, 128, 64), 64));
  expect(apart.bits).toBe(0);
  expect(apart.levels).toBeLessThanOrEqual(1); // rounded twice
});

describe("near duplicates", () => {
  test("are found behind noise of compression, and the image they are like is named", () => {
    const duplicates = createDuplicates();
    const images = Array.from({ length: 24 }, (_, i) => avatar(i % 8, i));
    for (const rgb of images) duplicates.add(fingerprintOf(rgb, 64));
    for (const [place, rgb] of images.entries()) {
      const near = duplicates.near(fingerprintOf(noisy(rgb, 8), 64));
      expect(near).toMatchObject({ place });
      expect(near!.bits).toBeLessThanOrEqual(NEAR.bits);
    }
  });

  test("are not found among people of one style that differ", () => {
    const duplicates = createDuplicates();
    const found = Array.from({ length: 160 }, (_, i) => {
      const print = fingerprintOf(avatar(i % 8, Math.floor(i / 8)), 64);
      const near = duplicates.near(print);
      duplicates.add(print);
      return near;
    }).filter((near) => near !== null);
    expect(found.length).toBeLessThanOrEqual(1);
  });

  test("are not found where only the colours differ: a hash of edges alone would think them equal", () => {
    const duplicates = createDuplicates();
    const rgb = avatar(3, 5);
    duplicates.add(fingerprintOf(rgb, 64));
    const other = rgb.map((level, i) => (i % 3 === 0 ? Math.max(0, level - 40) : level));
    expect(duplicates.near(fingerprintOf(other, 64))).toBeNull();
  });
});

test("the nearest counts, and of two equally near ones the earlier", () => {
  const duplicates = createDuplicates();
  const rgb = new Uint8Array(3 * 64 * 64).fill(100);
  for (const level of [108, 104, 104])
    duplicates.add(
      fingerprintOf(
        rgb.map(() => level),
        64,
      ),
    );
  expect(duplicates.near(fingerprintOf(rgb, 64))).toEqual({ bits: 0, levels: 4, place: 1 });
});
