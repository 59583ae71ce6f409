import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Family } from "#checkpoints/manifest.ts";
import { latentOf, modelParts } from "#checkpoints/modelChoice.ts";
import { passesPerEvaluation } from "#flow/field.ts";
import { noiseOf } from "#flow/noise.ts";
import { type StepReport, sample } from "#flow/sampler.ts";
import { batchOf, readLatents } from "./latents.ts";
import { previewOf } from "./preview.ts";
import type { IntegrateJob } from "./protocol.ts";
import { modelsFor, stepTeller, trajectoryOf } from "./sampling.ts";
import { checkIntegrate } from "./validateJob.ts";
import { sideBySide, type Work, type WorkContext } from "./work.ts";

/** A stretch of trajectories, all starts side by side; whatever ends a try, the next begins at `from` again. Needs the
 *  models that the stretch evaluates and no decoder. Throws EngineFailure InvalidJob. */
export function integrateWork(job: IntegrateJob, family: Family): Work {
  const { chosen, plan, latents } = checkIntegrate(job, family);
  const { from, to, starts, guidance } = job;
  const shape = latentOf(chosen.autoencoder);
  const recorded = new Set(job.record);

  async function record(report: StepReport, { id, post }: WorkContext): Promise<void> {
    const step = report.step - 1;
    if (!recorded.has(step)) return;
    const { t, tNext, served, x } = report;
    const x1Hat = report.x1Hat();
    try {
      const [states, estimates] = await Promise.all([readLatents(x), readLatents(x1Hat)]);
      // The preview map belongs to the latents of the family's own autoencoder.
      const previews =
        chosen.decoder === "decoder" ? estimates.map((estimate) => previewOf(estimate, family)) : null;
      const buffers = { states: states.map(bufferOf), x1Hats: estimates.map(bufferOf) };
      post({ type: "recorded", id, step, t, tNext, served, ...buffers, previews }, [
        ...buffers.states,
        ...buffers.x1Hats,
        ...(previews ?? []).map((preview) => preview.rgba),
      ]);
    } finally {
      x1Hat.dispose();
    }
  }

  /** States at grid[to] [B,H,W,C]; the caller disposes them. */
  async function sampleStretch(context: WorkContext): Promise<Tensor4D> {
    const x = batchOf(
      latents.map((latent, k) => latent ?? noiseOf(starts[k].seed, shape)),
      shape,
    );
    try {
      const { x1 } = await sample(x, {
        ...trajectoryOf(job, chosen),
        from,
        to,
        models: modelsFor(chosen, plan, context),
        labels: starts.map((start) => start.label),
        signal: context.signal,
        onStep: stepTeller(context, { first: 0, count: starts.length }, (report) => record(report, context)),
      });
      return x1;
    } finally {
      x.dispose();
    }
  }

  return {
    family,
    parts: modelParts(chosen, plan.nfe),
    run: (context) =>
      sideBySide(starts.length, context, async () => {
        const end = await sampleStretch(context);
        try {
          const states = (await readLatents(end)).map(bufferOf);
          const { nfe } = plan;
          const passes = (nfe.light + nfe.heavy) * passesPerEvaluation(guidance);
          return { type: "integrated", states, nfe, passes };
        } finally {
          end.dispose();
        }
      }),
  };
}

const bufferOf = ({ buffer }: Float32Array<ArrayBuffer>): ArrayBuffer => buffer;
