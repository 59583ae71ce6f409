import { expect } from "vitest";

/** How far a result may be from a golden value: |got − want| ≤ atol + rtol·|want|. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** Expects numbers to be golden ones. */
export function expectValuesClose(
  label: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { atol, rtol }: Tolerance,
): void {
  let worst = { excess: Number.NEGATIVE_INFINITY, index: -1 };
  for (let index = 0; index < want.length; index++) {
    const excess = Math.abs(got[index] - want[index]) - (atol + rtol * Math.abs(want[index]));
    if (!(excess <= worst.excess)) worst = { excess, index };
  }
  const { excess, index } = worst;
  const message = `${label}[${index}] is ${got[index]}, expected ${want[index]} within ${atol} + ${rtol}·|expected|`;
  expect(excess, message).toBeLessThanOrEqual(0);
}
