import "@tensorflow/tfjs-backend-cpu";
import { memory, type Tensor4D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { evaluationPlan, type PlanRequest, StretchError, stretchOf } from "#flow/plan.ts";
import { type StepReport, sample } from "#flow/sampler.ts";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";
import { exponential, modelOf, noCalls } from "./support/fields.ts";

const request: PlanRequest = { solver: "euler", grid: uniformGrid(11), choice: "c2f", tau: 0.5 };
const plan = evaluationPlan(request);

describe("a stretch of a plan", () => {
  test("from the first step to the last is the plan", () => {
    expect(stretchOf(plan, 0, 10)).toEqual(plan);
  });

  test.each(SOLVER_NAMES)("with %s has the steps' own times and models, numbered anew", (solver) => {
    const whole = evaluationPlan({ ...request, solver });
    const parts = [stretchOf(whole, 0, 4), stretchOf(whole, 4, 7), stretchOf(whole, 7, 10)];
    for (const served of ["light", "heavy"] as const) {
      expect(parts.flatMap((part) => part.times[served])).toEqual(whole.times[served]);
      for (const part of parts) {
        const own = part.steps.flatMap(({ evaluations }) => evaluations.filter((e) => e.served === served));
        expect(own.map(({ index }) => index)).toEqual(own.map((_, i) => i));
        expect(part.nfe[served]).toBe(own.length);
      }
    }
  });

  test.each([
    [-1, 3],
    [3, 3],
    [4, 3],
    [0, 11],
    [0.5, 3],
    [0, Number.NaN],
  ])("from %s to %s is refused by name, with the numbers", (from, to) => {
    expect(() => stretchOf(plan, from, to)).toThrow(StretchError);
    expect(() => stretchOf(plan, from, to)).toThrow(`not ${from} and ${to}`);
  });
});

describe("a trajectory in two stretches", () => {
  const light = exponential(-2);
  const heavy = exponential(-1);
  const base = { ...request, labels: [0, 0], guidance: 1 };
  const noise = () => initialNoise([1, 2], { channels: 2, height: 2, width: 2 });

  /** Values of a state that is disposed with it. */
  async function valuesOf(state: Tensor4D): Promise<number[]> {
    const values = [...(await state.data())];
    state.dispose();
    return values;
  }

  test.each(SOLVER_NAMES)(
    "that is cut at the first step with a heavy evaluation ends bit for bit where %s ends in one go",
    async (solver) => {
      const models = { light: modelOf(light), heavy: modelOf(heavy) };
      const { steps } = evaluationPlan({ ...request, solver });
      const cut = steps.findIndex(({ evaluations }) => evaluations.some((e) => e.served === "heavy"));
      const x0 = noise();
      const whole = await sample(x0, { ...base, models, solver });
      const trunk = await sample(x0, {
        ...base,
        models: { light: models.light },
        choice: "light",
        solver,
        to: cut,
      });
      const branch = await sample(trunk.x1, { ...base, models, solver, from: cut });
      expect(trunk.nfe.light + branch.nfe.light).toBe(whole.nfe.light);
      expect(branch.nfe.heavy).toBe(whole.nfe.heavy);
      x0.dispose();
      trunk.x1.dispose();
      expect(await valuesOf(branch.x1)).toEqual(await valuesOf(whole.x1));
      expect(memory().numTensors).toBe(0);
    },
  );

  test("reports its steps by their place in the whole trajectory, and prepares no other times", async () => {
    const calls = { light: noCalls(), heavy: noCalls() };
    const seen: Pick<StepReport, "step" | "of" | "t">[] = [];
    const x0 = noise();
    const { x1, nfe } = await sample(x0, {
      ...base,
      models: { light: modelOf(light, calls.light), heavy: modelOf(heavy, calls.heavy) },
      from: 3,
      to: 7,
      onStep: ({ step, of, t }) => void seen.push({ step, of, t }),
    });
    expect(seen).toEqual([
      { step: 4, of: 10, t: 0.3 },
      { step: 5, of: 10, t: 0.4 },
      { step: 6, of: 10, t: 0.5 },
      { step: 7, of: 10, t: 0.6 },
    ]);
    expect([calls.light.begun[0]?.times, calls.heavy.begun[0]?.times]).toEqual([
      [0.3, 0.4],
      [0.5, 0.6],
    ]);
    expect(nfe).toEqual({ light: 2, heavy: 2 });
    x0.dispose();
    x1.dispose();
  });

  test("needs no model that its own steps do not ask", async () => {
    const x0 = noise();
    const { x1 } = await sample(x0, { ...base, models: { light: modelOf(light) }, to: 5 });
    x1.dispose();
    await expect(sample(x0, { ...base, models: { light: modelOf(light) }, to: 6 })).rejects.toThrow("heavy");
    await expect(sample(x0, { ...base, models: {}, from: 5, to: 5 })).rejects.toBeInstanceOf(StretchError);
    x0.dispose();
    expect(memory().numTensors).toBe(0);
  });
});
