import { expect } from "vitest";

/** That states are base + factor·velocity up to the rounding of one multiply-add. `plain` is that sum in float32, product and
 *  sum rounded each; a driver may round once. Then the two differ by the product's rounding, 2⁻²⁴ of it at most, and so
 *  may fall on neighbouring numbers, 2⁻²³ of the sum apart. */
export function expectOneRounding(
  states: ArrayLike<number>,
  plain: ArrayLike<number>,
  velocity: ArrayLike<number>,
  factor: number,
): void {
  expect(states.length).toBe(plain.length);
  const excess = Array.from(
    { length: plain.length },
    (_, i) =>
      Math.abs(states[i] - plain[i]) -
      2 ** -24 * Math.abs(factor * velocity[i]) -
      2 ** -23 * Math.abs(plain[i]),
  );
  expect(Math.max(...excess)).toBeLessThanOrEqual(0);
}
