import type { StoredDataset } from "#datasets/dataset.ts";
import type { LatentSet } from "#flow/latentSet.ts";
import type { CurvePoint, LookPoint, RunId, RunPlan, RunProgress, RunRecord, RunStatus } from "#runs/run.ts";
import type { RunState } from "#training/runState.ts";
import type { TrainingSet } from "#training/trainingSet.ts";
import type { TrainJob } from "../trainerProtocol.ts";
import { checkLabels, checkPlan, checkSelection } from "./checkPlan.ts";
import type { Network } from "./classes.ts";
import type { TrainerContext } from "./context.ts";
import { refuse, stored, TrainerFailure } from "./failure.ts";
import { latentSet, latentsOf, openDataset } from "./latents.ts";
import type { DiTEntry } from "./networks.ts";
import { type RunNetwork, runNetwork } from "./runNetwork.ts";
import { teacherEntry } from "./teacher.ts";

/** A run while somebody sits over it: all that it needs on the host, so that a device may go away under it. */
export interface Sitting {
  readonly record: Pick<RunRecord, "id" | "plan" | "baseSha256" | "createdAt">;
  readonly network: RunNetwork;
  /** Weights that the run began with. */
  readonly base: Network;
  readonly teacher: DiTEntry | null;
  readonly dataset: StoredDataset;
  readonly set: TrainingSet;
  readonly heldOut: LatentSet | null;
  /** null before the first step. */
  state: RunState | null;
  readonly steps: number;
  readonly microBatch: number;
  trainedMs: number;
  readonly curve: CurvePoint[];
  readonly looks: LookPoint[];
  model: RunProgress["model"];
  /** Steps at the last checkpoint that was written, −1 before any. */
  keptStep: number;
  keptAt: number;
}

/** Prepares what a run needs of the host: plan, model, latents. Null when the job is to pause before all is there.
 *  Throws RunMissing, CheckpointDamaged, BaseChanged, and what the plan's checks and the loading throw. */
export async function sit(job: TrainJob, context: TrainerContext): Promise<Sitting | null> {
  const found = job.kind === "resume" ? await resumed(job, context) : null;
  const plan = job.kind === "new" ? job.plan : found?.record.plan;
  if (!plan) throw new TrainerFailure({ kind: "RunMissing", run: job.run });
  checkPlan(plan);
  const network = await runNetwork(plan, context);
  const { labelling, autoencoder, autoencoderName, base } = network;
  const baseSha256 = base?.sha256 ?? [];
  if (found && found.record.baseSha256.join() !== baseSha256.join())
    throw new TrainerFailure({ kind: "BaseChanged", model: base?.name ?? "" });
  const teacher = teacherEntry(network.family, plan.objective, autoencoderName, labelling.names);
  const dataset = await openDataset(plan.dataset, context);
  checkSelection(plan, dataset.record);
  checkLabels(plan.watch.pictures, labelling.names.length);
  const steps = (job.kind === "resume" ? job.steps : null) ?? found?.progress?.steps ?? plan.steps;
  if (!(Number.isSafeInteger(steps) && steps >= 1))
    refuse("steps", `A run has one step or more, not ${steps}.`);

  const record = found?.record ?? { id: job.run, plan, baseSha256, createdAt: context.today() };
  if (!found) await created(record, context);
  const latents = await latentsOf(dataset, autoencoder, context, () => context.wish() === "pause");
  if (!latents) return null;
  const all = await latentSet(dataset, autoencoder, latents.values, labelling.labels);
  const { kept, heldOut } = plan.selection;
  return {
    record,
    network,
    base: await network.load(context),
    teacher,
    dataset,
    set: { latents: all, kept },
    heldOut: heldOut.length > 0 ? someOf(all, heldOut) : null,
    state: found?.state ?? null,
    steps,
    microBatch: microBatchOf(job, plan, found?.progress ?? null),
    trainedMs: found?.progress?.trainedMs ?? 0,
    curve: [...(found?.progress?.curve ?? [])],
    looks: [...(found?.progress?.looks ?? [])],
    model: found?.progress?.model ?? null,
    keptStep: found?.progress?.step ?? -1,
    keptAt: context.now(),
  };
}

/** How far the run has come. */
export const progressOf = (
  { steps, microBatch, trainedMs, curve, looks, model }: Sitting,
  status: RunStatus,
  step: number,
): RunProgress => ({
  status,
  step,
  trainedMs,
  microBatch,
  steps,
  curve: [...curve],
  looks: [...looks],
  model,
});

interface Found {
  readonly record: Sitting["record"];
  readonly progress: RunProgress | null;
  readonly state: RunState | null;
}

/** A run as memory or storage has it. Throws RunMissing, CheckpointDamaged. */
async function resumed(
  { run }: { readonly run: RunId },
  { runs, remembered }: TrainerContext,
): Promise<Found> {
  const unkept = remembered.unkept.get(run);
  if (unkept) return unkept;
  const record = await stored(runs.get(run));
  if (!record) throw new TrainerFailure({ kind: "RunMissing", run });
  const checkpoint = await stored(runs.checkpoint(run));
  if (checkpoint === "damaged") throw new TrainerFailure({ kind: "CheckpointDamaged", run });
  return { record, progress: checkpoint?.progress ?? null, state: checkpoint?.state ?? null };
}

/** Keeps a new run's plan; where nothing can be kept, the first checkpoint tries again and tells. */
async function created(record: Sitting["record"], { runs }: TrainerContext): Promise<void> {
  if (await runs.get(record.id).catch(() => null)) refuse("run", `There is a run ${record.id} already.`);
  await runs.create(record).catch(() => {});
}

const microBatchOf = (job: TrainJob, { options }: RunPlan, progress: RunProgress | null): number => {
  const asked = job.kind === "resume" ? job.microBatch : null;
  if (asked !== null && !(Number.isSafeInteger(asked) && asked >= 1))
    refuse("microBatch", `${asked} samples cannot be looked at at once.`);
  return asked ?? progress?.microBatch ?? options.microBatch;
};

function someOf({ shape, values, labels }: LatentSet, indices: Uint32Array): LatentSet {
  const size = values.length / labels.length;
  const some = new Float32Array(indices.length * size);
  for (const [row, index] of indices.entries())
    some.set(values.subarray(index * size, (index + 1) * size), row * size);
  return { shape, values: some, labels: Int32Array.from(indices, (index) => labels[index]) };
}
