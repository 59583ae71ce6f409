import { sha256Hex } from "#bytes/sha256.ts";
import type { StoredDataset } from "#datasets/dataset.ts";
import type { LatentSet } from "#flow/latentSet.ts";
import type { DiT } from "#models/ditModel.ts";
import { type Seam, seamOf } from "#training/seam.ts";
import { attachOrTell, floatsAttached } from "./attachments.ts";
import type { TrainerContext } from "./context.ts";

/** Samples whose seam is kept in one piece. */
const PIECE = 64;

/** The seam of the samples `indices` at tau, by the frozen teacher: 18 evaluations a sample, so what is there is kept with the data
 *  set under `key`, which says of which teacher and latents it is. Null when the job is to pause before all is there. */
export async function seamFor(
  teacher: DiT,
  dataset: StoredDataset,
  latents: LatentSet,
  indices: Uint32Array,
  tau: number,
  key: string,
  context: TrainerContext,
): Promise<Seam | null> {
  const size = latents.values.length / latents.labels.length;
  const distinct = Uint32Array.from(new Set(indices)).sort();
  const states = new Float32Array(latents.values.length);
  const velocities = new Float32Array(latents.values.length);
  for (let from = 0; from < distinct.length; from += PIECE) {
    const some = distinct.subarray(from, from + PIECE);
    const part = partOf(latents, some);
    const pieceKey = `${key} ${tau} ${await digest(some, part.labels)}`;
    const total = part.values.length;
    let both = await floatsAttached(dataset, pieceKey, 2 * total);
    if (!both) {
      const seam = await computed(teacher, part, tau, context);
      if (!seam) return null;
      both = new Float32Array(2 * total);
      both.set(seam.states);
      both.set(seam.velocities, total);
      await attachOrTell(dataset, pieceKey, both, "seam", context);
    }
    for (const [row, index] of some.entries()) {
      states.set(both.subarray(row * size, (row + 1) * size), index * size);
      velocities.set(both.subarray(total + row * size, total + (row + 1) * size), index * size);
    }
    context.post({
      type: "progress",
      id: context.id,
      phase: "seam",
      done: from + some.length,
      of: distinct.length,
    });
    await context.between();
  }
  return { tau, states, velocities };
}

/** Null when the job is to pause. */
async function computed(
  teacher: DiT,
  part: LatentSet,
  tau: number,
  context: TrainerContext,
): Promise<Seam | null> {
  const seam = seamOf(teacher, part, Uint32Array.from(part.labels.keys()), tau);
  for (;;) {
    const next = await seam.next();
    if (next.done) return next.value;
    if (context.wish() === "pause") return null;
    await context.breathe();
  }
}

/** The samples `indices` as a set of their own. */
function partOf({ shape, values, labels }: LatentSet, indices: Uint32Array): LatentSet {
  const size = values.length / labels.length;
  const part = new Float32Array(indices.length * size);
  for (const [row, index] of indices.entries())
    part.set(values.subarray(index * size, (index + 1) * size), row * size);
  return { shape, values: part, labels: Int32Array.from(indices, (index) => labels[index]) };
}

/** Tells samples and labels apart in a key. */
async function digest(indices: Uint32Array, labels: Int32Array): Promise<string> {
  const both = Int32Array.from([...indices, ...labels]);
  return (await sha256Hex(new Uint8Array(both.buffer))).slice(0, 16);
}
