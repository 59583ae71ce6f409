import { tensor4d } from "@tensorflow/tfjs-core";
import type { AutoencoderEntry, Family } from "#checkpoints/manifest.ts";
import type { LatentSet } from "#flow/latentSet.ts";
import { NonFiniteError } from "#flow/sampler.ts";
import { MetricError } from "#metrics/metricError.ts";
import { similarity } from "#metrics/similarity.ts";
import type { Decoder } from "#models/decoder.ts";
import type { EmbeddingNetwork } from "#models/featureNetwork.ts";
import type { WeightTensors } from "#models/tensors.ts";
import type { LookPoint, RunWatch, SimilarityPoint } from "#runs/run.ts";
import { heldOutLoss } from "#training/heldOutLoss.ts";
import type { Trainable } from "#training/trainable.ts";
import { EngineFailure } from "../errors.ts";
import type { Picture } from "../protocol.ts";
import type { TrainerContext } from "./context.ts";
import { type Drawn, draw } from "./draw.ts";
import { loadDecoder, loadEmbedding } from "./networks.ts";

/** What is looked at, and through what. */
export interface Looked {
  readonly family: Family;
  readonly autoencoder: AutoencoderEntry;
  /** Its name, unless it is the family's own. */
  readonly autoencoderName: string | undefined;
  readonly watch: RunWatch;
  /** Samples that are not trained on, labelled for the network; null without any. */
  readonly heldOut: LatentSet | null;
  /** Of the held-out loss's noises. */
  readonly seed: number;
}

export interface Look {
  readonly point: LookPoint;
  /** None where the network drew numbers that are not finite, or nothing was to be drawn. */
  readonly pictures: readonly Picture[];
}

/** Looks at a network while it is trained. */
export interface Looks {
  /** Draws by the numbers that training begins with: what later looks are compared with. */
  base(trainable: Trainable, values: Float32Array): Promise<readonly Picture[]>;
  /** Looks at trained numbers after `step` steps. Before the first one nothing is drawn: that is the base. */
  at(trainable: Trainable, values: Float32Array, step: number): Promise<Look>;
  dispose(): void;
}

/** Loads what looking needs beside the network: the decoder, and the embedding network where the family has one and it can be had.
 *  Nothing is loaded when no pictures are asked for. */
export async function openLooks(looked: Looked, context: TrainerContext): Promise<Looks> {
  const { family, watch } = looked;
  const draws = watch.pictures.length > 0;
  const decoder = draws ? await loadDecoder(family, looked.autoencoderName, context) : null;
  let embedding: EmbeddingNetwork | null = null;
  let base: readonly Float32Array[] | null = null;
  try {
    embedding = draws ? await loadEmbedding(family, context) : null;
  } catch (cause) {
    // Training does not need it; latents are compared instead, which the numbers say.
    if (!(cause instanceof EngineFailure && cause.error.kind === "DownloadFailed")) {
      decoder?.dispose();
      throw cause;
    }
  }
  /** Pictures by these numbers, and their features. */
  async function drawnBy(trainable: Trainable, tensors: WeightTensors) {
    if (!decoder) return { pictures: [], features: [] };
    const drawn = await drawOrNothing(trainable.config, tensors, decoder, looked, context);
    return { pictures: drawn.pictures, features: await featuresOf(drawn, embedding, context) };
  }

  return {
    async base(trainable, values) {
      const network = trainable.load(values);
      try {
        const { pictures, features } = await drawnBy(trainable, network.tensors);
        base = features;
        await context.backend.settle();
        return pictures;
      } finally {
        network.unload();
      }
    },
    async at(trainable, values, step) {
      const network = trainable.load(values);
      const { config } = trainable;
      const { heldOut, seed } = looked;
      try {
        const heldOutMean =
          heldOut &&
          (await heldOutLoss({ config, tensors: network.tensors }, heldOut, seed, context.breathe));
        const { pictures, features } =
          step === 0 && base ? { pictures: [], features: [] } : await drawnBy(trainable, network.tensors);
        await context.backend.settle();
        const alike = base && compare(base, features, watch, embedding !== null);
        return { point: { step, heldOutLoss: heldOutMean, similarity: alike }, pictures };
      } finally {
        network.unload();
      }
    },
    dispose() {
      decoder?.dispose();
      embedding?.dispose();
    },
  };
}

/** A network on its way to diverging may draw what is not finite; its loss will tell. */
async function drawOrNothing(
  config: Trainable["config"],
  tensors: WeightTensors,
  decoder: Decoder,
  { autoencoder, watch }: Looked,
  context: TrainerContext,
): Promise<Drawn> {
  try {
    return await draw(config, tensors, decoder, autoencoder, watch, context);
  } catch (cause) {
    if (cause instanceof NonFiniteError) return { pictures: [], latents: [] };
    throw cause;
  }
}

async function featuresOf(
  { pictures, latents }: Drawn,
  embedding: EmbeddingNetwork | null,
  context: TrainerContext,
): Promise<readonly Float32Array[]> {
  if (!embedding) return latents;
  const features: Float32Array[] = [];
  for (const picture of pictures) {
    features.push(await embedded(picture, embedding));
    await context.breathe();
  }
  return features;
}

/** Features of a picture as anybody else would compute them: from its bytes. */
async function embedded(
  { rgba, width, height }: Picture,
  embedding: EmbeddingNetwork,
): Promise<Float32Array> {
  const bytes = new Uint8Array(rgba);
  const values = new Float32Array(3 * width * height);
  for (let p = 0, q = 0; q < bytes.length; q += 4)
    for (let c = 0; c < 3; c++) values[p++] = bytes[q + c] / 127.5 - 1;
  const image = tensor4d(values, [1, height, width, 3]);
  const features = embedding.embed(image);
  try {
    return await features.data<"float32">();
  } finally {
    image.dispose();
    features.dispose();
  }
}

/** s, s_unrel and s_norm of pictures of the same seeds; null where they cannot be told: fewer than two of a class, or no pictures. */
function compare(
  base: readonly Float32Array[],
  features: readonly Float32Array[],
  { pictures }: RunWatch,
  embedded: boolean,
): SimilarityPoint | null {
  if (features.length === 0 || base.length !== features.length) return null;
  try {
    const labels = pictures.map(({ label }) => label);
    return { of: embedded ? "embedding" : "latent", ...similarity([{ a: base, b: features, labels }]) };
  } catch (cause) {
    if (cause instanceof MetricError) return null;
    throw cause;
  }
}
