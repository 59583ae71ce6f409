import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import { memory } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { initialNoise, noiseLatents, noiseOf, normals } from "#flow/noise.ts";
import { permutation } from "#flow/permutation.ts";
import { philox4x32 } from "#flow/philox.ts";
import { SeedError } from "#flow/seed.ts";
import { STREAMS, uniforms } from "#flow/uniforms.ts";

const file = new URL("../fixtures/golden/09_noise.json", import.meta.url);
const golden: {
  normals: { seed: string; stream: number; normals: number[] }[];
} = JSON.parse(readFileSync(file, "utf8"));
const latent = { channels: 3, height: 2, width: 5 };

describe("seeded noise", () => {
  test.each(golden.normals)(
    "seed $seed, stream $stream gives the published normals",
    ({ seed, stream, normals: want }) => {
      const got = normals(BigInt(seed), stream, want.length);
      // One float32 step: log, sin and cos of two engines may differ in their last bit.
      for (const [k, value] of want.entries()) expect(Math.abs(got[k] - value)).toBeLessThan(2e-6);
    },
  );

  test("a seed above 2^32 uses its high word", () => {
    expect(normals(2 ** 32 + 1, 0, 4)).not.toEqual(normals(1, 0, 4));
    expect(normals(2 ** 53 - 1, 0, 4)).toEqual(normals(2n ** 53n - 1n, 0, 4));
  });

  test("number k does not depend on how many are asked for", () => {
    const many = normals(3, STREAMS.x0, 64);
    for (const count of [0, 1, 2, 3, 5, 63])
      expect(normals(3, STREAMS.x0, count)).toEqual(many.slice(0, count));
  });

  test("number k does not depend on where the drawing starts, beyond 2^34 numbers too", () => {
    const [u, many] = [uniforms(3, STREAMS.x0, 64), normals(3, STREAMS.x0, 64)];
    for (const start of [0, 1, 2, 3, 4, 5, 31]) {
      expect(uniforms(3, STREAMS.x0, 9, start)).toEqual(u.slice(start, start + 9));
      expect(normals(3, STREAMS.x0, 9, start)).toEqual(many.slice(start, start + 9));
    }
    const late = uniforms(3, STREAMS.x0, 8, 2 ** 34 - 4); // its second block has 1 in the counter's second word
    expect(uniforms(3, STREAMS.x0, 4, 2 ** 34)).toEqual(late.slice(4));
    expect(late.slice(4)).not.toEqual(u.slice(0, 4));
    expect(late[4]).toBe((philox4x32([0, 1, STREAMS.x0, 0], [3, 0])[0] + 0.5) / 2 ** 32);
  });

  test("latents of a stream follow one another", () => {
    const three = noiseLatents(5, STREAMS.trainingNoise, 0, 3, latent);
    expect(noiseLatents(5, STREAMS.trainingNoise, 2, 1, latent)).toEqual(three.slice(60));
    expect(noiseLatents(5, STREAMS.x0, 0, 1, latent)).toEqual(noiseOf(5, latent));
  });

  test("a permutation has every index once and depends on seed, stream and start", () => {
    const order = permutation(3, STREAMS.shuffle, 100);
    expect([...order].toSorted((a, b) => a - b)).toEqual([...order.keys()]);
    expect(permutation(3, STREAMS.shuffle, 100)).toEqual(order);
    for (const other of [permutation(4, STREAMS.shuffle, 100), permutation(3, STREAMS.shuffle, 100, 100)])
      expect(other).not.toEqual(order);
  });

  test("streams of one seed differ", () => {
    expect(uniforms(3, STREAMS.x0, 4)).not.toEqual(uniforms(3, STREAMS.shuffle, 4));
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -1n, 2n ** 53n])(
    "seed %s is refused by name",
    (seed) => {
      expect(() => normals(seed, 0, 4)).toThrow(SeedError);
    },
  );

  test("each image of a batch of 8 equals its seed alone, bit for bit", async () => {
    const seeds = [1, 7, 42, 42, 0, 2 ** 32, 2 ** 53 - 1, 5];
    const batch = initialNoise(seeds, latent);
    const values = await batch.data();
    for (const [b, seed] of seeds.entries()) {
      const single = initialNoise([seed], latent);
      expect(values.slice(30 * b, 30 * (b + 1))).toEqual(await single.data());
      single.dispose();
    }
    batch.dispose();
    expect(memory().numTensors).toBe(0);
  });

  test("normal k is element k of the latent in (C,H,W) order", async () => {
    const noise = initialNoise([9], latent);
    const values = await noise.array();
    const flat = normals(9, STREAMS.x0, 30);
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < 2; y++) {
        for (let x = 0; x < 5; x++) expect(values[0]?.[y]?.[x]?.[c]).toBe(flat[c * 10 + y * 5 + x]);
      }
    }
    noise.dispose();
  });
});
