import { describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { herding } from "#scoring/herding.ts";
import { kCenter } from "#scoring/kCenter.ts";
import { fourierFeatures, medianSigma, randomFrequencies } from "#scoring/kernelFeatures.ts";
import { sphericalKMeans } from "#scoring/kMeans.ts";
import { clusterCount, kMeansStart } from "#scoring/kMeansStart.ts";
import { dot, matrixOf, rowOf } from "#scoring/matrix.ts";
import { selectAtRandom } from "#scoring/randomSelections.ts";
import { ScoringError } from "#scoring/scoringError.ts";
import { unitRows } from "#scoring/unitRows.ts";

const random = unitRows(matrixOf(normals(5, 0, 90 * 4), 90, 4));
const same = unitRows(matrixOf(Array.from({ length: 8 }, () => [1, 2]).flat(), 8, 2));

describe("spherical k-means", () => {
  test("every sample ends at the centroid of largest cosine, and centroids are the directions of their samples", () => {
    const { labels, centroids, sizes, distances, inertia } = sphericalKMeans(
      random,
      kMeansStart(random, 5, 1),
    );
    const sums = Array.from({ length: 5 }, () => new Float64Array(4));
    labels.forEach((label, i) => {
      const cosines = Array.from({ length: 5 }, (_, k) => dot(rowOf(random, i), rowOf(centroids, k)));
      expect(label).toBe(cosines.indexOf(Math.max(...cosines)));
      expect(distances[i] ** 2 / 2).toBeCloseTo(1 - cosines[label], 12);
      rowOf(random, i).forEach((value, d) => {
        sums[label][d] += value;
      });
    });
    sums.forEach((sum, k) => {
      expect(dot(sum, rowOf(centroids, k)) / Math.hypot(...sum)).toBeCloseTo(1, 12);
    });
    expect(sizes.reduce((total, size) => total + size, 0)).toBe(90);
    expect(inertia).toBeCloseTo(
      distances.reduce((total, d) => total + d ** 2 / 2, 0),
      10,
    );
  });

  test("equal samples make as many clusters as asked for, all but one empty", () => {
    const start = kMeansStart(same, 3, 7);
    const { sizes, labels } = sphericalKMeans(same, start);
    expect([...sizes]).toEqual([8, 0, 0]);
    expect(new Set(labels)).toEqual(new Set([0]));
  });

  test("the start is drawn anew by another seed and never has a direction twice", () => {
    const start = kMeansStart(random, 24, 1);
    expect(kMeansStart(random, 24, 1)).toEqual(start);
    expect(kMeansStart(random, 24, 2)).not.toEqual(start);
    for (let a = 0; a < 24; a++)
      for (let b = 0; b < a; b++) expect(dot(rowOf(start, a), rowOf(start, b))).toBeLessThan(1 - 1e-9);
  });

  test("more clusters than samples, and rows without a direction, are refused", () => {
    expect(() => kMeansStart(same, 9, 1)).toThrow(/8 samples cannot make 9 clusters/);
    expect(() => unitRows(matrixOf([1, 0, 0, 0], 2, 2))).toThrow(/sample 1 have no direction/);
    expect(() => unitRows(matrixOf([Number.NaN, 0], 1, 2))).toThrow(ScoringError);
  });

  test("a set has min(24, max(2, ⌊n/20⌋)) clusters", () => {
    expect([10, 59, 60, 479, 480, 5000].map(clusterCount)).toEqual([2, 2, 3, 23, 24, 24]);
  });
});

describe("random Fourier features", () => {
  test("their products approach the Gaussian kernel", () => {
    const sigma = medianSigma(random, 0);
    const features = fourierFeatures(random, randomFrequencies(4, sigma, 0, 8192));
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [3, 40],
    ]) {
      const gap = rowOf(random, i).reduce((sum, value, d) => sum + (value - rowOf(random, j)[d]) ** 2, 0);
      const kernel = Math.exp(-gap / (2 * sigma ** 2));
      // the mean of 8192 products has a standard deviation of at most 1/√8192 = 0.011
      expect(Math.abs(dot(rowOf(features, i), rowOf(features, j)) - kernel)).toBeLessThan(0.04);
    }
  });

  test("samples that coincide, or a single one, have no width", () => {
    expect(() => medianSigma(same, 0)).toThrow(/same features/);
    expect(() => medianSigma(unitRows(matrixOf([1, 2], 1, 2)), 0)).toThrow(/no pair/);
  });
});

describe("greedy selections", () => {
  test("herding brings the mean of the chosen nearer to the mean of all than 40 random thirds are", () => {
    const mean = (rows: readonly number[]) =>
      [0, 1, 2, 3].map((d) => rows.reduce((sum, i) => sum + rowOf(random, i)[d], 0) / rows.length);
    const whole = mean([...Array(90).keys()]);
    const gap = (rows: readonly number[]) => Math.hypot(...mean(rows).map((value, d) => value - whole[d]));
    const atRandom = Array.from({ length: 40 }, (_, seed) => gap([...selectAtRandom(90, 30, seed)]));
    expect(gap([...herding(random, 30)])).toBeLessThan(0.25 * (atRandom.reduce((sum, g) => sum + g, 0) / 40));
  });

  test("k-center takes the farthest of the rest each turn, and no sample twice", () => {
    const chosen = [...kCenter(random, 90, 17)];
    expect(chosen[0]).toBe(17);
    expect(new Set(chosen).size).toBe(90);
    expect(() => kCenter(same, 8, 3)).not.toThrow();
    expect([...kCenter(same, 8, 3)]).toEqual([3, 0, 1, 2, 4, 5, 6, 7]); // ties to the lower index
  });
});
