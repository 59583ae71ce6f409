import type { StoredDataset } from "#datasets/dataset.ts";
import { type Container, packContainer, readContainer } from "#files/container.ts";
import type { Matrix } from "#scoring/matrix.ts";
import type { ScoreTables } from "#scoring/scoreTables.ts";
import { attachOrTell } from "./attachments.ts";
import type { TrainerContext } from "./context.ts";

/** What was measured of a data set, attached to it under keys that say what it depends on. A damaged piece counts as absent. */

/** Score tables, whole or in part. */
export async function readTables(
  dataset: StoredDataset,
  key: string,
  samples: number,
): Promise<ScoreTables | null> {
  const read = await readAttached<{ times: number[] }>(dataset, key);
  if (!read) return null;
  const { times } = read.head;
  const { loss, gradient } = read.arrays;
  if (!(loss instanceof Float64Array && gradient instanceof Float64Array)) return null;
  return loss.length === samples * times.length ? { samples, times, loss, gradient } : null;
}

export const keepTables = (
  dataset: StoredDataset,
  key: string,
  { times, loss, gradient }: ScoreTables,
  context: TrainerContext,
): Promise<void> => attachContainer(dataset, key, { head: { times }, arrays: { loss, gradient } }, context);

export async function readMatrix(dataset: StoredDataset, key: string): Promise<Matrix | null> {
  const read = await readAttached<{ rows: number; columns: number }>(dataset, key);
  if (!(read?.arrays.values instanceof Float32Array)) return null;
  return { ...read.head, values: Float64Array.from(read.arrays.values) };
}

/** Values are kept as float32, which is what devices gave. */
export const keepMatrix = (
  dataset: StoredDataset,
  key: string,
  { rows, columns, values }: Matrix,
  context: TrainerContext,
): Promise<void> =>
  attachContainer(
    dataset,
    key,
    { head: { rows, columns }, arrays: { values: Float32Array.from(values) } },
    context,
  );

export async function readScores(dataset: StoredDataset, key: string): Promise<Float64Array | null> {
  const read = await readAttached<null>(dataset, key);
  return read?.arrays.values instanceof Float64Array ? read.arrays.values : null;
}

export const keepScores = (
  dataset: StoredDataset,
  key: string,
  values: Float64Array,
  context: TrainerContext,
): Promise<void> => attachContainer(dataset, key, { head: null, arrays: { values } }, context);

async function readAttached<Head>(dataset: StoredDataset, key: string): Promise<Container<Head> | null> {
  const bytes = await dataset.attached(key);
  const read = bytes && readContainer<Head>(bytes);
  return read?.ok ? read.value : null;
}

async function attachContainer(
  dataset: StoredDataset,
  key: string,
  container: Container<unknown>,
  context: TrainerContext,
): Promise<void> {
  const bytes = new Uint8Array(await new Blob(packContainer(container)).arrayBuffer());
  await attachOrTell(dataset, key, bytes, "evidence", context);
}
