import type { Family } from "#checkpoints/manifest.ts";
import { predictedSpeedUp } from "#flow/costModel.ts";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { evaluationPlan } from "#flow/plan.ts";
import { sample } from "#flow/sampler.ts";
import { alternate, type Timing } from "./statistics.ts";
import { type BenchModels, decodeMs, type StepReport } from "./steps.ts";

interface Comparison {
  readonly measured: number;
  readonly predicted: number;
}

export interface SpeedUp {
  readonly guidance: number;
  readonly nfe: { readonly light: number; readonly heavy: number };
  readonly heavyAlone: Timing;
  readonly coarseToFine: Timing;
  /** Heavy alone over coarse-to-fine: the ODE steps alone, and with the decoder that both need. */
  readonly withoutDecode: Comparison;
  readonly withDecode: Comparison;
}

/** Whole trajectories of one image (batch 1, the family's default grid and solver), heavy alone against coarse-to-fine,
 *  alternated; at guidance 1 and at the family's default. Predicted by 1/((1−τ') + τ' r) with τ' the light share of the
 *  evaluations and r the ratio of step times measured in the same run. */
export async function measureSpeedUp(
  family: Family,
  models: BenchModels,
  tau: number,
  steps: StepReport,
  rounds: number,
  log: (line: string) => void,
): Promise<Readonly<Record<"guidance1" | "guidanceDefault", SpeedUp>>> {
  const at = async (guidance: number): Promise<SpeedUp> => {
    const { solver, steps: points } = family.defaults;
    const grid = uniformGrid(points);
    const plan = evaluationPlan({ solver, grid, choice: "c2f", tau });
    const run = async (choice: "heavy" | "c2f"): Promise<number> => {
      const x0 = initialNoise([1], family.latent);
      const started = performance.now();
      const { x1 } = await sample(x0, { models, choice, tau, grid, solver, labels: [0], guidance });
      await x1.data();
      const ms = performance.now() - started;
      x0.dispose();
      x1.dispose();
      return ms;
    };
    const timings = await alternate(
      { heavy: () => run("heavy"), c2f: () => run("c2f"), decode: () => decodeMs(models.decoder, family) },
      rounds,
      0,
    );
    const [heavyMs, c2fMs, decode] = [timings.heavy.medianMs, timings.c2f.medianMs, timings.decode.medianMs];
    const share = plan.nfe.light / (plan.nfe.light + plan.nfe.heavy);
    const predicted = predictedSpeedUp(share, steps.costRatio[1]);
    const predictedWithDecode = (heavyMs + decode) / (heavyMs / predicted + decode);
    log(
      `tau ${tau}, guidance ${guidance}: ${(heavyMs / c2fMs).toFixed(2)}x measured, ${predicted.toFixed(2)}x predicted (steps alone)`,
    );
    return {
      guidance,
      nfe: plan.nfe,
      heavyAlone: timings.heavy,
      coarseToFine: timings.c2f,
      withoutDecode: { measured: heavyMs / c2fMs, predicted },
      withDecode: { measured: (heavyMs + decode) / (c2fMs + decode), predicted: predictedWithDecode },
    };
  };
  return { guidance1: await at(1), guidanceDefault: await at(family.defaults.guidance) };
}
