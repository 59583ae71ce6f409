import type { StoredDataset } from "#datasets/dataset.ts";
import { type StoreProblem, storeProblem } from "#datasets/storeError.ts";
import type { StorageError } from "#files/byteFiles.ts";
import type { TrainerEvent } from "../trainerProtocol.ts";
import type { TrainerContext } from "./context.ts";
import { TrainerFailure } from "./failure.ts";

type NotKept = Extract<TrainerEvent, { type: "not-kept" }>["what"];

/** Floats attached under a key; null when there are none, or not as many as expected. */
export async function floatsAttached(
  dataset: StoredDataset,
  key: string,
  expected: number,
): Promise<Float32Array | null> {
  const bytes = await dataset.attached(key);
  return bytes?.length === 4 * expected ? new Float32Array(bytes.slice().buffer) : null;
}

/** Attaches bytes to a data set, or tells why they could not be kept: what was computed is used all the same. Throws
 *  DatasetMissing when the data set is gone. */
export async function attachOrTell(
  dataset: StoredDataset,
  key: string,
  values: ArrayBufferView,
  what: NotKept,
  { post, id }: Pick<TrainerContext, "post" | "id">,
): Promise<void> {
  try {
    await dataset.attach(key, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } catch (cause) {
    const problem = storeProblem(cause);
    if (problem.kind === "Missing") throw new TrainerFailure({ kind: "DatasetMissing", dataset: problem.id });
    post({ type: "not-kept", id, what, error: storageErrorOf(problem) });
  }
}

const storageErrorOf = (problem: StoreProblem): StorageError =>
  problem.kind === "Full" || problem.kind === "Unavailable"
    ? problem
    : { kind: "Unavailable", detail: JSON.stringify(problem) };
