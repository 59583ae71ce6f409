import { storageError } from "#files/byteFiles.ts";
import type { RunStatus } from "#runs/run.ts";
import type { RunCheckpoint } from "#runs/runs.ts";
import type { RunState } from "#training/runState.ts";
import type { Picture } from "../protocol.ts";
import type { TrainerContext } from "./context.ts";
import { progressOf, type Sitting } from "./sitting.ts";

/** Whether a checkpoint is to be written before something that takes about `aheadMs`. */
export const checkpointDue = (
  { keptStep, keptAt }: Sitting,
  step: number,
  aheadMs: number,
  { now, checkpointMs }: TrainerContext,
): boolean => step > Math.max(0, keptStep) && now() - keptAt + aheadMs >= checkpointMs;

/** Writes a checkpoint and tells it. What storage does not take stays in memory, which is told as well: once until it takes one
 *  again, or `insist`s. */
export async function keepRun(
  sitting: Sitting,
  state: RunState,
  status: RunStatus,
  context: TrainerContext,
  insist = status !== "running",
): Promise<void> {
  const { record } = sitting;
  const { runs, remembered, now, post, id } = context;
  const checkpoint: RunCheckpoint = { progress: progressOf(sitting, status, state.step), state };
  const started = now();
  sitting.keptAt = started;
  try {
    if (sitting.keptStep < 0 && !(await runs.get(record.id))) await runs.create(record);
    const bytes = await runs.keep(record.id, checkpoint);
    remembered.unkept.delete(record.id);
    sitting.keptStep = state.step;
    post({ type: "checkpointed", id, step: state.step, bytes, ms: now() - started });
  } catch (cause) {
    const told = remembered.unkept.has(record.id);
    remembered.unkept.set(record.id, { record, ...checkpoint });
    if (!told || insist) post({ type: "not-kept", id, what: "run", error: storageError(cause) });
  }
}

/** Tells pictures and keeps them with their run. */
export async function givePictures(
  { record }: Sitting,
  step: number,
  base: boolean,
  pictures: readonly Picture[],
  { runs, post, id }: TrainerContext,
): Promise<void> {
  if (pictures.length === 0) return;
  try {
    await runs.keepPictures(record.id, base ? "base" : step, pictures);
  } catch (cause) {
    post({ type: "not-kept", id, what: "pictures", error: storageError(cause) });
  }
  post(
    { type: "pictures", id, step, base, pictures },
    pictures.map(({ rgba }) => rgba),
  );
}
