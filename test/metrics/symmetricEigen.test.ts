import { describe, expect, test } from "vitest";
import { symmetricEigen, symmetricEigenvalues } from "#metrics/symmetricEigen.ts";
import { matrix } from "./support.ts";

/** X Xᵀ / columns of random rows: symmetric, positive, singular when it has fewer columns than rows. */
function gram(n: number, columns: number): Float64Array {
  const x = matrix(3, n, columns);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return x[i].reduce((sum, value, k) => sum + value * x[j][k], 0) / columns;
  });
}

const largest = (values: Iterable<number>) => Math.max(...Array.from(values, Math.abs));

describe("eigenvalues of a symmetric matrix", () => {
  test.each([1, 2, 3, 10, 33])("of the second difference on %i points are 2 − 2 cos(kπ / (n + 1))", (n) => {
    const a = Float64Array.from({ length: n * n }, (_, at) => {
      const apart = Math.abs(Math.floor(at / n) - (at % n));
      return apart === 0 ? 2 : apart === 1 ? -1 : 0;
    });
    const want = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
    symmetricEigenvalues(a, n)
      .sort()
      .forEach((value, k) => {
        expect(value).toBeCloseTo(want[k], 13);
      });
  });

  test.each([
    ["full rank", 40, 80],
    ["singular", 40, 7],
    ["2×2", 2, 3],
    ["1×1", 1, 1],
  ])("give the matrix back with their vectors: %s", (_name, n, columns) => {
    const a = gram(n, columns);
    const { values, vectors } = symmetricEigen(a, n);
    const again = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return values.reduce((sum, value, k) => sum + value * vectors[k * n + i] * vectors[k * n + j], 0);
    });
    const products = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      let sum = i === j ? -1 : 0;
      for (let k = 0; k < n; k++) sum += vectors[i * n + k] * vectors[j * n + k];
      return sum;
    });
    expect(largest(again.map((value, at) => value - a[at]))).toBeLessThan(1e-14 * n);
    expect(largest(products)).toBeLessThan(1e-14 * n); // the vectors are orthonormal
  });

  test("come out alike with and without vectors", () => {
    const a = gram(24, 30);
    const alone = symmetricEigenvalues(a, 24).sort();
    const { values } = symmetricEigen(a, 24);
    values.sort().forEach((value, k) => {
      expect(value).toBeCloseTo(alone[k], 14);
    });
  });

  test("of zeros, of the identity and of one direction are what they must be", () => {
    const n = 12;
    expect([...symmetricEigenvalues(new Float64Array(n * n), n)]).toEqual(new Array(n).fill(0));
    const identity = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
    expect([...symmetricEigenvalues(identity, n)]).toEqual(new Array(n).fill(1));
    const ones = symmetricEigenvalues(new Float64Array(n * n).fill(1), n).sort();
    expect(ones[n - 1]).toBeCloseTo(n, 13);
    expect(largest(ones.subarray(0, n - 1))).toBeLessThan(1e-14);
  });

  test("a matrix that is not finite ends with an error", () => {
    expect(() => symmetricEigenvalues(new Float64Array(16).fill(Number.NaN), 4)).toThrow(RangeError);
  });
});
