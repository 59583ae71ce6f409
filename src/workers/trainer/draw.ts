import { div, slice4d, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { AutoencoderEntry } from "#checkpoints/manifest.ts";
import { latentOf } from "#checkpoints/modelChoice.ts";
import type { VelocityModel } from "#flow/field.ts";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { sample } from "#flow/sampler.ts";
import { toRgba8 } from "#kernels/rgb8.ts";
import type { Decoder } from "#models/decoder.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import { ditTrajectory } from "#models/ditTrajectory.ts";
import type { WeightTensors } from "#models/tensors.ts";
import type { RunWatch } from "#runs/run.ts";
import { readLatents } from "../latents.ts";
import type { Picture } from "../protocol.ts";
import type { TrainerContext } from "./context.ts";

/** Pictures in the order of asking, and the latents that they were decoded from. */
export interface Drawn {
  readonly pictures: readonly Picture[];
  readonly latents: readonly Float32Array[];
}

/** Draws pictures with a network's tensors as they are, by the sampler that the engine uses: Euler from the seed's noise. No tensor
 *  is left. Labels are checked by the caller. */
export async function draw(
  config: DiTConfig,
  tensors: WeightTensors,
  decoder: Decoder,
  autoencoder: AutoencoderEntry,
  { pictures, drawing }: Pick<RunWatch, "pictures" | "drawing">,
  context: TrainerContext,
): Promise<Drawn> {
  const model: VelocityModel = {
    begin: (times, labels, guidance) => ditTrajectory(config, tensors, times, labels, guidance),
  };
  const drawn: { pictures: Picture[]; latents: Float32Array[] } = { pictures: [], latents: [] };
  const together = context.backend.microBatch;
  for (let from = 0; from < pictures.length; from += together) {
    const some = pictures.slice(from, from + together);
    const x0 = initialNoise(
      some.map(({ seed }) => seed),
      latentOf(autoencoder),
    );
    const held: Tensor4D[] = [x0];
    try {
      const { x1 } = await sample(x0, {
        models: { light: model },
        choice: "light",
        tau: 1,
        grid: uniformGrid(drawing.steps),
        solver: "euler",
        guidance: drawing.guidance,
        labels: some.map(({ label }) => label),
        signal: context.signal,
        onStep: () => context.breathe(),
      });
      held.push(x1);
      drawn.latents.push(...(await readLatents(x1)));
      for (const k of some.keys()) {
        drawn.pictures.push(await decoded(x1, k, decoder, autoencoder));
        await context.breathe();
      }
    } finally {
      for (const tensor of held) tensor.dispose();
    }
  }
  return drawn;
}

/** Picture k of a batch of latents, decoded alone. */
async function decoded(
  x1: Tensor4D,
  k: number,
  decoder: Decoder,
  { config }: AutoencoderEntry,
): Promise<Picture> {
  const [, height, width, channels] = x1.shape;
  const image = tidy(() =>
    decoder.decode(div(slice4d(x1, [k, 0, 0, 0], [1, height, width, channels]), config.scale_factor)),
  );
  try {
    const rgba = toRgba8(await image.data<"float32">());
    return { width: image.shape[2], height: image.shape[1], rgba: rgba.buffer };
  } finally {
    image.dispose();
  }
}
