import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { VelocityModel } from "./field.ts";
import { inversionGrid } from "./grid.ts";
import { type StepReport, sample } from "./sampler.ts";

/** Steps of the paper's inversion (method §5). */
export const INVERSION_STEPS = 18;

export interface InversionOptions {
  /** The frozen heavy model. */
  readonly model: VelocityModel;
  /** Time to stop at, 0 ≤ tau < 1. */
  readonly tau: number;
  readonly steps?: number;
  /** One class per sample. */
  readonly labels: readonly number[];
  readonly signal?: AbortSignal;
  onStep?(report: StepReport): void | Promise<void>;
}

/** State x_tau that the flow takes to the data x1 [B,H,W,C]: Euler from t = 1 down to tau in equal steps,
 *  without guidance. x1 stays the caller's, who also disposes the result. Throws what `sample` throws. */
export async function invert(x1: Tensor4D, options: InversionOptions): Promise<Tensor4D> {
  const { model, tau, steps = INVERSION_STEPS, labels, signal, onStep } = options;
  const result = await sample(x1, {
    models: { heavy: model },
    choice: "heavy",
    tau,
    grid: inversionGrid(tau, steps),
    solver: "euler",
    labels,
    guidance: 1,
    ...(signal && { signal }),
    ...(onStep && { onStep }),
  });
  return result.x1;
}
