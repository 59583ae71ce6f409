import "@tensorflow/tfjs-backend-cpu";
import { mul, onesLike, sub, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { VelocityField } from "#flow/field.ts";
import { uniformGrid } from "#flow/grid.ts";
import { sample } from "#flow/sampler.ts";
import { SOLVER_NAMES, SOLVERS } from "#flow/solvers/names.ts";
import { RULES, type RuleName } from "#flow/solvers/rules.ts";
import { exponential, modelOf } from "../support/fields.ts";

/** State at t = 1 after the grid, from x0 = 1. */
async function endOf(solver: RuleName, field: VelocityField, grid: readonly number[]): Promise<number> {
  const x0 = tensor4d([1], [1, 1, 1, 1]);
  const models = { heavy: modelOf(field) };
  const { x1 } = await sample(x0, {
    models,
    choice: "heavy",
    tau: 0,
    grid,
    solver,
    labels: [0],
    guidance: 1,
  });
  const [value] = await x1.data();
  x0.dispose();
  x1.dispose();
  return value;
}

// dx/dt = 3x has the closed form exp(3t); steps are few so that the error stays far above float32.
const errorOnExponential = async (solver: RuleName, steps: number) =>
  Math.abs((await endOf(solver, exponential(3), uniformGrid(steps + 1))) - Math.exp(3));

test.each([...SOLVER_NAMES.map((name) => [name, SOLVERS[name].order] as const), ["rk4_38", 4] as const])(
  "%s converges at order %i",
  async (solver, order) => {
    const steps = order === 4 ? 16 : 64;
    const slope = Math.log2(
      (await errorOnExponential(solver, steps)) / (await errorOnExponential(solver, 2 * steps)),
    );
    expect(Math.abs(slope - order)).toBeLessThan(0.2); // the next term of the error still shows at these steps
  },
);

// On dx/dt = q(t) the rules are quadratures: exact up to their degree, on unequal steps too. This is what
// tells a wrong stage time or AB2's step ratio from a right one.
test.each([
  ["midpoint", 1],
  ["heun", 1],
  ["rk4", 3],
  ["rk4_38", 3],
] as const)(
  "%s integrates polynomials in t up to degree %i exactly on unequal steps",
  async (solver, degree) => {
    const power: VelocityField = (x, t) => tidy(() => mul(onesLike(x), t ** degree));
    const end = await endOf(solver, power, [0, 0.15, 0.5, 0.6, 1]);
    expect(end).toBeCloseTo(1 + 1 / (degree + 1), 6);
  },
);

test("AB2 integrates dx/dt = t exactly after its Euler step, on unequal steps", async () => {
  const grid = [0, 0.1, 0.4, 0.5, 1];
  const field: VelocityField = (x, t) => tidy(() => mul(onesLike(x), t));
  const eulerError = 0.1 ** 2 / 2;
  expect(await endOf("ab2", field, grid)).toBeCloseTo(1 + 0.5 - eulerError, 6);
});

test("the two Runge–Kutta rules of order 4 differ", async () => {
  const field: VelocityField = (x) => tidy(() => mul(x, sub(2, x)));
  const grid = uniformGrid(3);
  expect(await endOf("rk4", field, grid)).not.toBeCloseTo(await endOf("rk4_38", field, grid), 5);
});

test.each(SOLVER_NAMES)("%s makes the evaluations a step that its table entry says", (solver) => {
  expect(RULES[solver].stageTimes(0.25, 0.5)).toHaveLength(SOLVERS[solver].nfePerStep);
});

test.each(Object.keys(RULES) as RuleName[])(
  "%s starts at t, and a stage at tNext is tNext itself",
  (solver) => {
    for (const [t, tNext] of [
      [42 / 59, 43 / 59],
      [0.1 + 0.2, 0.7],
    ] as const) {
      const stages = RULES[solver].stageTimes(t, tNext);
      expect(stages[0]).toBe(t);
      for (const stage of stages) expect(stage <= tNext).toBe(true);
      if (["heun", "rk4", "rk4_38"].includes(solver)) expect(stages.at(-1)).toBe(tNext);
    }
  },
);
