import type { EncodeJob } from "../trainerProtocol.ts";
import type { TrainerWork } from "./context.ts";
import { latentsOf, openDataset } from "./latents.ts";

/** Encodes what of a data set is not encoded yet. */
export const encodeWork = (job: EncodeJob): TrainerWork => ({
  async run(context) {
    const family = await context.family(job.family);
    const dataset = await openDataset(job.dataset, context);
    const latents = await latentsOf(dataset, family.autoencoder, context, () => context.wish() === "pause");
    if (!latents) return { event: { type: "paused", step: null } };
    return { event: { type: "encoded", count: dataset.record.count, fromCache: latents.fromCache } };
  },
});
