import { describe, expect, test } from "vitest";
import { cosine, pairedCosines } from "#metrics/cosine.ts";

describe("cosine", () => {
  test("is the cosine of the angle, whatever the lengths", () => {
    const at = (angle: number, length: number) => [length * Math.cos(angle), length * Math.sin(angle)];
    for (const angle of [0.1, 1, 2, 3]) {
      expect(cosine(at(0.4, 2), at(0.4 + angle, 0.01))).toBeCloseTo(Math.cos(angle), 14);
    }
  });

  test("of a vector and itself is 1 and never a rounding above it", () => {
    for (let length = 1; length < 200; length++) {
      const vector = Float32Array.from({ length }, (_, i) => Math.sin(i + length));
      const opposite = vector.map((value) => -value);
      expect(cosine(vector, vector)).toBeLessThanOrEqual(1);
      expect(cosine(vector, vector)).toBeCloseTo(1, 14);
      expect(cosine(vector, opposite)).toBeGreaterThanOrEqual(-1);
    }
  });

  test("unequal lengths, zeros and NaN are refused with the pair's index", () => {
    expect(() => cosine([1, 2], [1])).toThrow("vectors of 2 and 1 numbers");
    expect(() => pairedCosines([[1], [2]], [[1], [0]])).toThrow("sample 1 is all zeros");
    expect(() => pairedCosines([[1], [Number.NaN]], [[1], [1]])).toThrow("sample 1 holds NaN");
    expect(() => pairedCosines([[1]], [])).toThrow("1 and 0 samples");
  });
});
