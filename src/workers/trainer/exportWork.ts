import type { ExportJob } from "../trainerProtocol.ts";
import { withAverage } from "./averageOf.ts";
import type { TrainerWork } from "./context.ts";
import { madeModel } from "./madeModel.ts";

/** A run's average weights as the library would keep them, for whoever cannot wait or whose browser keeps nothing. */
export const exportWork = (job: ExportJob): TrainerWork => ({
  run: (context) =>
    withAverage(job.run, context, async ({ plan, data, network, trainable, values, progress }) => {
      const { model, files } = await madeModel(plan, network, trainable, values, progress, {
        data,
        device: context.backend.adapter ?? context.backend.name,
        today: context.today(),
      });
      const weights = files.weights.buffer;
      const adapter = files.adapter?.buffer ?? null;
      return {
        event: { type: "exported", step: progress.step, model, weights, adapter },
        transfer: adapter ? [weights, adapter] : [weights],
      };
    }),
});
