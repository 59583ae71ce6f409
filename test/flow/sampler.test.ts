import "@tensorflow/tfjs-backend-cpu";
import { fill, memory, tensor4d } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { VelocityField, VelocityModel } from "#flow/field.ts";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { ShapeError } from "#flow/path.ts";
import { evaluationPlan } from "#flow/plan.ts";
import {
  CancelledError,
  MissingModelError,
  NonFiniteError,
  type SampleOptions,
  type StepReport,
  sample,
} from "#flow/sampler.ts";
import { SOLVER_NAMES } from "#flow/solvers/names.ts";
import { type Calls, exponential, modelOf, movingModelOf, noCalls } from "./support/fields.ts";

const light = exponential(-2);
const heavy = exponential(-1);
const base = { tau: 0.5, grid: uniformGrid(11), solver: "euler", labels: [0, 0], guidance: 1 } as const;

/** Final state of a run from one fixed noise, with nothing left behind. */
async function finalState(
  options: Partial<SampleOptions> & Pick<SampleOptions, "models" | "choice">,
): Promise<number[]> {
  const x0 = initialNoise([1, 2], { channels: 2, height: 2, width: 2 });
  const { x1 } = await sample(x0, { ...base, ...options });
  const values = [...(await x1.data())];
  x0.dispose();
  x1.dispose();
  expect(memory().numTensors).toBe(0);
  return values;
}

const both = () => ({ light: modelOf(light), heavy: modelOf(heavy) });

describe("coarse-to-fine", () => {
  test.each(SOLVER_NAMES)("tau = 0 equals the heavy model alone bit for bit with %s", async (solver) => {
    const c2f = await finalState({ models: both(), choice: "c2f", tau: 0, solver });
    expect(c2f).toEqual(await finalState({ models: { heavy: modelOf(heavy) }, choice: "heavy", solver }));
  });

  test.each(["euler", "midpoint", "ab2"] as const)(
    "tau = 1 equals the light model alone bit for bit with %s",
    async (solver) => {
      const c2f = await finalState({ models: both(), choice: "c2f", tau: 1, solver });
      expect(c2f).toEqual(await finalState({ models: { light: modelOf(light) }, choice: "light", solver }));
    },
  );

  test("tau = 1 with Heun asks the heavy model at t = 1", async () => {
    const calls = noCalls();
    await finalState({
      models: { light: modelOf(light), heavy: modelOf(heavy, calls) },
      choice: "c2f",
      tau: 1,
      solver: "heun",
    });
    expect(calls.begun[0]?.times).toEqual([1]);
  });

  test("one Heun step that ends at tau mixes both models", async () => {
    // x0 = 1 on [0, 0.5]: v0 = −2 (light), v1 = −1 · (1 − 1) = 0 (heavy), so x = 1 − 0.25 · 2.
    const x0 = tensor4d([1], [1, 1, 1, 1]);
    const { x1 } = await sample(x0, {
      ...base,
      models: both(),
      choice: "c2f",
      solver: "heun",
      grid: [0, 0.5],
      labels: [0],
    });
    expect((await x1.data())[0]).toBeCloseTo(0.5, 6);
    x0.dispose();
    x1.dispose();
  });

  test("AB2 restarts its history at the switch", async () => {
    // Steps of 0.25 from x0 = 1: light −2x, heavy −x, tau = 0.5. By hand: Euler, AB2, Euler again, AB2.
    const h = 0.25;
    const xa = 1 + h * -2;
    const xb = xa + h * (1.5 * (-2 * xa) - 0.5 * -2);
    const xc = xb + h * -xb;
    const xd = xc + h * (1.5 * -xc - 0.5 * -xb);
    const x0 = tensor4d([1], [1, 1, 1, 1]);
    const { x1 } = await sample(x0, {
      ...base,
      models: both(),
      choice: "c2f",
      solver: "ab2",
      grid: uniformGrid(5),
      labels: [0],
    });
    expect((await x1.data())[0]).toBeCloseTo(xd, 6);
    x0.dispose();
    x1.dispose();
  });
});

describe("heavy first", () => {
  test.each(SOLVER_NAMES)(
    "is coarse-to-fine with the models exchanged, bit for bit, with %s",
    async (solver) => {
      const turned = { light: modelOf(heavy), heavy: modelOf(light) };
      for (const tau of [0, 0.25, 0.5, 1])
        expect(await finalState({ models: both(), choice: "heavyFirst", tau, solver })).toEqual(
          await finalState({ models: turned, choice: "c2f", tau, solver }),
        );
    },
  );
});

describe("what models are asked for", () => {
  test.each(SOLVER_NAMES)(
    "with %s each model prepares its own times and is asked for each once, in order",
    async (solver) => {
      const calls = { light: noCalls(), heavy: noCalls() };
      const models = { light: modelOf(light, calls.light), heavy: modelOf(heavy, calls.heavy) };
      const x0 = initialNoise([1, 2], { channels: 1, height: 2, width: 2 });
      const result = await sample(x0, {
        ...base,
        models,
        choice: "c2f",
        solver,
        labels: [3, 4],
        guidance: 2.5,
      });
      const plan = evaluationPlan({ ...base, choice: "c2f", solver });
      for (const served of ["light", "heavy"] as const) {
        const { begun, indices, ended } = calls[served];
        expect(begun).toEqual([{ times: plan.times[served], labels: [3, 4], guidance: 2.5 }]);
        expect(indices).toEqual(plan.times[served].map((_, i) => i));
        expect(result.nfe[served]).toBe(indices.length);
        expect(ended).toBe(1);
      }
      expect(result.passes).toBe(2 * (result.nfe.light + result.nfe.heavy));
      x0.dispose();
      result.x1.dispose();
    },
  );

  test("a model without evaluations is neither begun nor needed", async () => {
    const calls = noCalls();
    await finalState({ models: { light: modelOf(light, calls), heavy: modelOf(heavy) }, choice: "heavy" });
    expect(calls.begun).toEqual([]);
    await finalState({ models: { heavy: modelOf(heavy) }, choice: "c2f", tau: 0 });
  });

  test("an answer by promise gives the same bits", async () => {
    const later: VelocityModel = {
      async begin(times, labels, guidance) {
        const now = await modelOf(heavy).begin(times, labels, guidance);
        return { velocity: async (i, x) => now.velocity(i, x), end: () => now.end() };
      },
    };
    const sync = await finalState({ models: { heavy: modelOf(heavy) }, choice: "heavy" });
    expect(await finalState({ models: { heavy: later }, choice: "heavy" })).toEqual(sync);
  });
});

describe("a model that writes states beside its velocities", () => {
  test.each(SOLVER_NAMES)("gives the bits of one that does not, with %s", async (solver) => {
    const models = { light: movingModelOf(light), heavy: movingModelOf(heavy) };
    const moved = await finalState({ models, choice: "c2f", solver });
    expect(moved).toEqual(await finalState({ models: both(), choice: "c2f", solver }));
  });

  // On a grid of two steps of 1/2. A sum of several velocities is no move.
  test.each([
    ["euler", [0.5, 0.5]],
    ["midpoint", [0.25, 0.5, 0.25, 0.5]],
    ["heun", [0.5, 0.5]],
    ["rk4", [0.25, 0.25, 0.5, 0.25, 0.25, 0.5]],
    ["ab2", [0.5]],
  ] as const)("is asked for every state x + h v of %s", async (solver, factors) => {
    const moves: number[] = [];
    const models = { heavy: movingModelOf(heavy, moves) };
    await finalState({ models, choice: "heavy", solver, grid: uniformGrid(3) });
    expect(moves).toEqual(factors);
  });
});

describe("progress", () => {
  test("every step is reported with its times, model, state and data estimate", async () => {
    const seen: (Omit<StepReport, "x" | "x1Hat"> & { x: number; x1Hat: number })[] = [];
    const x0 = tensor4d([1], [1, 1, 1, 1]);
    const onStep = async ({ x, x1Hat, ...rest }: StepReport) => {
      const estimate = x1Hat();
      seen.push({ ...rest, x: (await x.data())[0], x1Hat: (await estimate.data())[0] });
      estimate.dispose();
    };
    const { x1 } = await sample(x0, {
      ...base,
      models: both(),
      choice: "c2f",
      grid: [0, 0.5, 1],
      labels: [0],
      onStep,
    });
    expect(seen).toEqual([
      { step: 1, of: 2, t: 0, tNext: 0.5, served: "light", x: 0, x1Hat: -1 },
      { step: 2, of: 2, t: 0.5, tNext: 1, served: "heavy", x: 0, x1Hat: 0 },
    ]);
    x0.dispose();
    x1.dispose();
    expect(memory().numTensors).toBe(0);
  });
});

describe("runs that do not finish", () => {
  /** The error of a run, after which x0 alone is left. */
  async function errorOf(options: Partial<SampleOptions> & Pick<SampleOptions, "models">): Promise<unknown> {
    const x0 = initialNoise([1, 2], { channels: 1, height: 2, width: 2 });
    const error = await sample(x0, { ...base, choice: "c2f", ...options }).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(memory().numTensors).toBe(1);
    x0.dispose();
    return error;
  }

  /** Both models, noting their calls; `onCall` runs before each evaluation. */
  function watched(onCall: (made: number) => void): {
    models: SampleOptions["models"];
    calls: Record<"light" | "heavy", Calls>;
  } {
    const calls = { light: noCalls(), heavy: noCalls() };
    let made = 0;
    const watch =
      (field: VelocityField): VelocityField =>
      (x, t) => {
        onCall(++made);
        return field(x, t);
      };
    return {
      models: { light: modelOf(watch(light), calls.light), heavy: modelOf(watch(heavy), calls.heavy) },
      calls,
    };
  }

  test.each(SOLVER_NAMES)("a cancel during an evaluation of %s stops before the next one", async (solver) => {
    for (const cancelAt of [1, 2, 3, 7]) {
      const controller = new AbortController();
      const { models, calls } = watched((made) => {
        if (made === cancelAt) controller.abort();
      });
      expect(await errorOf({ models, solver, signal: controller.signal })).toBeInstanceOf(CancelledError);
      expect(calls.light.indices.length + calls.heavy.indices.length).toBe(cancelAt);
      expect([calls.light.ended, calls.heavy.ended]).toEqual([1, 1]);
    }
  });

  test("a cancel in the last step still cancels", async () => {
    const controller = new AbortController();
    const { models } = watched((made) => {
      if (made === 10) controller.abort();
    });
    expect(await errorOf({ models, signal: controller.signal })).toBeInstanceOf(CancelledError);
  });

  test("a signal that has fired before begins nothing", async () => {
    const { models, calls } = watched(() => {});
    expect(await errorOf({ models, signal: AbortSignal.abort() })).toBeInstanceOf(CancelledError);
    expect(calls.light.begun).toEqual([]);
  });

  test.each(SOLVER_NAMES)(
    "an evaluation of %s that throws leaves no tensor and ends both models",
    async (solver) => {
      for (const failAt of [1, 2, 5, 9]) {
        const failure = new Error("device lost");
        const { models, calls } = watched((made) => {
          if (made === failAt) throw failure;
        });
        expect(await errorOf({ models, solver })).toBe(failure);
        expect([calls.light.ended, calls.heavy.ended]).toEqual([1, 1]);
      }
    },
  );

  test.each(SOLVER_NAMES)(
    "a velocity of another shape beside a state leaves none with %s",
    async (solver) => {
      const narrow: VelocityField = () => tensor4d([1], [1, 1, 1, 1]);
      const models = { heavy: movingModelOf(narrow) };
      expect(await errorOf({ models, choice: "heavy", solver })).toBeInstanceOf(ShapeError);
    },
  );

  test("an onStep that throws leaves no tensor", async () => {
    const failure = new Error("page closed");
    const onStep = () => Promise.reject(failure);
    expect(await errorOf({ models: both(), onStep })).toBe(failure);
  });

  test("a second model that cannot begin ends the first", async () => {
    const calls = noCalls();
    const failure = new Error("no weights");
    const broken: VelocityModel = { begin: () => Promise.reject(failure) };
    expect(await errorOf({ models: { light: modelOf(light, calls), heavy: broken } })).toBe(failure);
    expect(calls.ended).toBe(1);
  });

  test("a state that is not finite is named, with its count", async () => {
    const error = await errorOf({
      models: { heavy: modelOf((x) => fill(x.shape, Number.NaN)) },
      choice: "heavy",
    });
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ values: 8, of: 8 });
  });

  test("a plan without its model is named", async () => {
    expect(await errorOf({ models: { light: modelOf(light) } })).toMatchObject({
      name: "MissingModelError",
      model: "heavy",
    });
    expect(new MissingModelError("heavy").message).toContain("heavy");
  });

  test("labels that do not match the batch, or a velocity of another shape, are named", async () => {
    expect(await errorOf({ models: both(), labels: [0] })).toBeInstanceOf(ShapeError);
    const narrow: VelocityField = () => tensor4d([1], [1, 1, 1, 1]);
    expect(await errorOf({ models: { heavy: modelOf(narrow) }, choice: "heavy" })).toBeInstanceOf(ShapeError);
  });
});
