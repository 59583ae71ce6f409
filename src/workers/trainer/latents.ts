import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import type { AutoencoderEntry } from "#checkpoints/manifest.ts";
import { latentOf } from "#checkpoints/modelChoice.ts";
import type { StoredDataset } from "#datasets/dataset.ts";
import type { LatentSet } from "#flow/latentSet.ts";
import type { Encoder } from "#models/autoencoder.ts";
import { attachOrTell, floatsAttached } from "./attachments.ts";
import type { TrainerContext } from "./context.ts";
import { TrainerFailure } from "./failure.ts";
import { filesKey, loadEncoder } from "./networks.ts";

/** Images whose latents are kept in one piece: an encoding that is cut off goes on after the last whole one. */
const PIECE = 64;
/** Images that are encoded between two looks at the messages. */
const TOGETHER = 8;

/** The data set of that id. Throws TrainerFailure DatasetMissing. */
export async function openDataset(
  id: string,
  { datasets }: Pick<TrainerContext, "datasets">,
): Promise<StoredDataset> {
  const dataset = await datasets.open(id);
  if (!dataset) throw new TrainerFailure({ kind: "DatasetMissing", dataset: id });
  return dataset;
}

/** Scaled latents of all images of a data set, x1 = encode(image)·scale_factor, [N,H,W,C]: posterior means, or nearest codes, as
 *  the shipped models were trained on. Taken from memory or storage where they are there, otherwise computed piece by piece and
 *  attached to the data set. `pausing` is asked between pieces; null when it said so, and what there is is kept.
 *  Throws PicturesDoNotFit, and what loading the encoder throws. Memory beside the result: one piece. */
export async function latentsOf(
  dataset: StoredDataset,
  autoencoder: AutoencoderEntry,
  context: TrainerContext,
  pausing: () => boolean = () => false,
): Promise<{ readonly values: Float32Array; readonly fromCache: boolean } | null> {
  const { record } = dataset;
  const expected = autoencoder.config.image_size;
  if (record.imageSize !== expected)
    throw new TrainerFailure({ kind: "PicturesDoNotFit", imageSize: record.imageSize, expected });
  const key = latentsKey(autoencoder);
  const memoryKey = `${record.id} ${key}`;
  const { remembered } = context;
  if (remembered.latents?.key === memoryKey) return { values: remembered.latents.values, fromCache: true };

  const { channels, height, width } = latentOf(autoencoder);
  const size = channels * height * width;
  const values = new Float32Array(record.count * size);
  let encoder: Encoder | null = null;
  try {
    for (let from = 0; from < record.count; from += PIECE) {
      const count = Math.min(PIECE, record.count - from);
      const pieceKey = `${key} ${from}`;
      const kept = await floatsAttached(dataset, pieceKey, count * size);
      if (kept) {
        values.set(kept, from * size);
        continue;
      }
      encoder ??= await loadEncoder(autoencoder, context);
      const piece = values.subarray(from * size, (from + count) * size);
      for (let first = 0; first < count; first += TOGETHER) {
        if (pausing()) return null;
        const n = Math.min(TOGETHER, count - first);
        const rgb = await dataset.images(from + first, n);
        piece.set(await encoded(rgb, n, encoder, autoencoder), first * size);
        context.post({
          type: "progress",
          id: context.id,
          phase: "encoding",
          done: from + first + n,
          of: record.count,
        });
        await context.between();
      }
      await attachOrTell(dataset, pieceKey, piece, "latents", context);
    }
  } finally {
    encoder?.dispose();
  }
  remembered.latents = { key: memoryKey, values };
  return { values, fromCache: encoder === null };
}

/** Latents with their labels, in the order of the data set: label `labels[c]` for images of class c. */
export async function latentSet(
  dataset: StoredDataset,
  autoencoder: AutoencoderEntry,
  values: Float32Array,
  labels: readonly number[],
): Promise<LatentSet> {
  const classes = await dataset.labels();
  return { shape: latentOf(autoencoder), values, labels: Int32Array.from(classes, (of) => labels[of]) };
}

/** Says in an attachment's key which latents it depends on. */
export const latentsKey = ({ encoder }: AutoencoderEntry): string => `latents ${filesKey(encoder.files)}`;

async function encoded(
  rgb: Uint8Array,
  count: number,
  encoder: Encoder,
  { config }: AutoencoderEntry,
): Promise<Float32Array> {
  const side = config.image_size;
  const images = tensor4d(
    Float32Array.from(rgb, (byte) => byte / 127.5 - 1),
    [count, side, side, 3],
  );
  const held: Tensor4D[] = [images];
  try {
    const encoding = await encoder.encode(images);
    if (encoding.kind === "kl") held.push(encoding.mean, encoding.logvar);
    else held.push(encoding.prequant, encoding.quantised);
    const latents = encoding.kind === "kl" ? encoding.mean : encoding.quantised;
    return (await latents.data<"float32">()).map((value) => value * config.scale_factor);
  } finally {
    for (const tensor of held) tensor.dispose();
  }
}
