import type { ChosenModels } from "#checkpoints/modelChoice.ts";
import { partOf } from "#checkpoints/parts.ts";
import { uniformGrid } from "#flow/grid.ts";
import type { EvaluationPlan } from "#flow/plan.ts";
import type { SampleOptions, StepReport } from "#flow/sampler.ts";
import type { Drawing } from "./protocol.ts";
import type { WorkContext } from "./work.ts";
import { yieldToMessages } from "./yield.ts";

/** A drawing as the sampler and its plan know it. */
export const trajectoryOf = ({ tau, steps, solver, guidance }: Drawing, { choice }: ChosenModels) => ({
  choice,
  tau,
  grid: uniformGrid(steps),
  solver,
  guidance,
});

/** The chosen models that a plan evaluates. Throws EngineFailure NotLoaded. */
export const modelsFor = (
  { light, heavy }: ChosenModels,
  { nfe }: Pick<EvaluationPlan, "nfe">,
  { part }: WorkContext,
): SampleOptions["models"] => ({
  ...(light && nfe.light > 0 && { light: part(partOf(light)) }),
  ...(heavy && nfe.heavy > 0 && { heavy: part(partOf(heavy)) }),
});

/** For the sampler: tells each step of images `first` … `first+count−1` once the device has done it, lets `after` look at
 *  it, and lets messages in, so that a cancel is heard. */
export function stepTeller(
  { id, backend, now, post }: WorkContext,
  { first, count }: { readonly first: number; readonly count: number },
  after: (report: StepReport) => Promise<void>,
): (report: StepReport) => Promise<void> {
  let started = now();
  return async (report) => {
    await backend.settle();
    const { step, of, tNext, served } = report;
    post({ type: "step", id, first, count, step, of, t: tNext, served, stepMs: now() - started });
    await after(report);
    await yieldToMessages();
    started = now();
  };
}
