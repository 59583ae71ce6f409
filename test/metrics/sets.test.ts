import { describe, expect, test } from "vitest";
import { coverageShares } from "#metrics/coverage.ts";
import { frechetDistance, frechetDistanceTo, frechetReference } from "#metrics/frechet.ts";
import { kernelDistance } from "#metrics/kernelDistance.ts";
import { memorised } from "#metrics/memorisation.ts";
import { matrix, python, setsOf } from "./support.ts";

describe.each(python.sets)("on $real and $fake features of $size numbers", (wanted) => {
  const [real, fake] = setsOf(wanted);

  test("the Fréchet distance equals the Python twin's", () => {
    expect(frechetDistance(real, fake)).toBeCloseTo(wanted.frechet_exact, 12);
    // Of singular covariances, eigenvalues of 0 come out as 1e-17 there and count with their roots: 24 times 3e-9, doubled.
    expect(frechetDistance(real, fake)).toBeCloseTo(wanted.frechet, wanted.size > wanted.real ? 6 : 12);
  });

  test("the kernel distance equals the Python twin's", () => {
    expect(kernelDistance(real, fake)).toBeCloseTo(wanted.kid, 12);
  });

  test("precision, recall, density, coverage and memorisation equal the Python twin's", () => {
    const { precision, recall, density, coverage } = coverageShares(real, fake);
    expect([...precision]).toEqual(wanted.precision);
    expect([...recall]).toEqual(wanted.recall);
    expect([...coverage]).toEqual(wanted.coverage);
    wanted.density.forEach((value, i) => {
      expect(density[i]).toBeCloseTo(value, 14);
    });
    expect([...memorised(fake, real)]).toEqual(wanted.memorised);
  });
});

describe("Fréchet distance", () => {
  test("of Gaussians with diagonal covariances is Σ (μ − μ')² + (σ − σ')²", () => {
    const diagonal = (mean: number[], deviations: number[]) => ({
      size: 3,
      mean: Float64Array.from(mean),
      covariance: Float64Array.from({ length: 9 }, (_, at) => (at % 4 === 0 ? deviations[at / 4] ** 2 : 0)),
    });
    const a = diagonal([1, 2, 3], [1, 0, 3]);
    const b = diagonal([1, 0, 3], [2, 5, 3]);
    expect(frechetDistanceTo(frechetReference(a), b)).toBeCloseTo(4 + 1 + 25, 12);
    expect(frechetDistanceTo(frechetReference(b), a)).toBeCloseTo(4 + 1 + 25, 12);
  });

  test("of a set and itself moved by d is ‖d‖²", () => {
    const a = matrix(4, 50, 6);
    const moved = a.map((row) => row.map((value, i) => value + (i === 2 ? 0.5 : 0)));
    expect(frechetDistance(a, moved)).toBeCloseTo(0.25, 13);
    expect(frechetDistance(a, a)).toBeLessThan(1e-13);
    const few = matrix(4, 5, 20); // singular covariances
    expect(frechetDistance(few, few)).toBeLessThan(1e-13);
  });

  test("sets that are too small, of other networks or not finite are refused by name", () => {
    const a = matrix(4, 5, 6);
    expect(() => frechetDistance(a.slice(0, 1), a)).toThrow("1 samples, but at least 2");
    expect(() => frechetDistance(a, matrix(4, 5, 7))).toThrow("vectors of 6 and 7 numbers");
    const broken = [...a, new Float64Array(6).fill(Number.POSITIVE_INFINITY)];
    expect(() => frechetDistance(a, broken)).toThrow("sample 5 holds NaN or infinity");
  });
});

describe("coverage", () => {
  test("a point on the edge of a ball is in it for precision, not for density", () => {
    // Points 0 … 6 on a line: the ball of 0 has radius 3 (k = 3) and 5 (k = 5).
    const line = Array.from({ length: 7 }, (_, i) => [i]);
    const outside = [[-3], [-5], [100], [200]];
    const { precision, density } = coverageShares(line, outside);
    expect([...precision]).toEqual([1, 0, 0, 0]); // −3 is 3 away from 0, and −5 is 5
    // Radii for k = 5 of 0, 1, 2, … are 5, 4, 3, …: −3 is nearer than that to 0 alone, and −5 is at the edge.
    expect(density[0]).toBeCloseTo(1 / 5, 15);
    expect(density[1]).toBe(0);
  });

  test("a reference on the edge of a generated sample's ball is recalled", () => {
    const generated = [[0], [1], [2], [3]]; // radii for k = 3: 3, 2, 2, 3
    const real = [[-3], [-3.5], [6], [6.5], [100], [101]];
    expect([...coverageShares(real, generated).recall]).toEqual([1, 0, 1, 0, 0, 0]);
  });

  test("too few points for a ball are refused by name", () => {
    expect(() => coverageShares(matrix(1, 5, 2), matrix(2, 9, 2))).toThrow("5 samples, but at least 6");
    expect(() => coverageShares(matrix(1, 9, 2), matrix(2, 3, 2))).toThrow("3 samples, but at least 4");
  });
});

describe("memorisation", () => {
  test("a third of the way is the limit, and twins in the training set memorise nothing", () => {
    const training = [[0], [4]];
    expect([...memorised([[0.9], [1.1], [0], [2]], training)]).toEqual([1, 0, 1, 0]);
    expect([...memorised([[0]], [[0], [0], [9]])]).toEqual([0]);
  });
});
