import type { SampleJob } from "../trainerProtocol.ts";
import { withAverage } from "./averageOf.ts";
import { checkLabels, checkPictures } from "./checkPlan.ts";
import type { TrainerWork } from "./context.ts";
import { draw } from "./draw.ts";
import { loadDecoder } from "./networks.ts";

/** Pictures by a run's average weights. Throws InvalidJob and as `withAverage` does. */
export const sampleWork = (job: SampleJob): TrainerWork => ({
  run: (context) =>
    withAverage(job.run, context, async ({ network, trainable, values, progress }) => {
      checkPictures(job);
      checkLabels(job.pictures, trainable.config.num_classes);
      const { family, autoencoder, autoencoderName } = network;
      const decoder = await loadDecoder(family, autoencoderName, context);
      const loaded = trainable.load(values);
      try {
        const { pictures } = await draw(trainable.config, loaded.tensors, decoder, autoencoder, job, context);
        await context.backend.settle();
        context.post(
          { type: "pictures", id: context.id, step: progress.step, base: false, pictures },
          pictures.map(({ rgba }) => rgba),
        );
        return { event: { type: "sampled" } };
      } finally {
        loaded.unload();
        decoder.dispose();
      }
    }),
});
