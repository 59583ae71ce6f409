import { type StorageError, storageError } from "#files/byteFiles.ts";
import { runLock } from "#runs/run.ts";
import type { Trainable } from "#training/trainable.ts";
import { type TrainingRun, trainingRun } from "#training/trainingRun.ts";
import { isOutOfMemory } from "../errors.ts";
import type { TrainJob } from "../trainerProtocol.ts";
import type { TrainerContext, TrainerOutcome, TrainerWork } from "./context.ts";
import { TrainerFailure } from "./failure.ts";
import { checkpointDue, givePictures, keepRun } from "./keepRun.ts";
import { type Looks, openLooks } from "./look.ts";
import { dataWords, madeModel } from "./madeModel.ts";
import { keepNewest, type ReadBack, readBack } from "./readBack.ts";
import { trainableOf } from "./runNetwork.ts";
import { openObjective, type RunObjective } from "./runObjective.ts";
import { progressOf, type Sitting, sit } from "./sitting.ts";

/** Trains a run, holding its lock, until its steps are made or it is paused, stopped or cancelled. After a device that went away it
 *  goes on with the very step that was under way; where the optimizer was on it, with the first step that was not copied from it.
 *  Throws RunLocked, TrainingOutOfMemory, and what `sit` and `trainingRun` do. */
export function trainWork(job: TrainJob): TrainerWork {
  let release: (() => void) | null = null;
  let sitting: Sitting | null = null;

  return {
    async run(context) {
      release ??= await context.locks.hold(runLock(job.run));
      if (!release) throw new TrainerFailure({ kind: "RunLocked", run: job.run });
      sitting ??= await sit(job, context);
      if (!sitting) return { event: { type: "paused", step: null } };
      try {
        return await train(sitting, context);
      } catch (cause) {
        if (!isOutOfMemory(cause)) throw cause;
        if (sitting.state) await keepRun(sitting, sitting.state, "paused", context);
        const { microBatch, record } = sitting;
        const suggestedMicroBatch = microBatch > 1 ? Math.floor(microBatch / 2) : null;
        throw new TrainerFailure({
          kind: "TrainingOutOfMemory",
          run: record.id,
          microBatch,
          suggestedMicroBatch,
        });
      }
    },
    end: () => release?.(),
  };
}

/** One try on one device. Whatever ends it, the sitting has the state after the last whole step; where that was on a device that went
 *  away, after the last step that was copied from it. */
async function train(sitting: Sitting, context: TrainerContext): Promise<TrainerOutcome> {
  const { record, network, teacher, dataset, set } = sitting;
  const { plan } = record;
  const trainable = trainableOf(sitting.base, plan);
  let objective: RunObjective | null = null;
  let run: TrainingRun | null = null;
  let looks: Looks | null = null;
  try {
    objective = await openObjective(plan, network, teacher, trainable.config, dataset, set, context);
    if (!objective) return { event: { type: "paused", step: sitting.state?.step ?? 0 } };
    const options = { ...plan.options, microBatch: sitting.microBatch };
    run = trainingRun(trainable, set, objective.objective, options, sitting.state ?? undefined);
    looks = await openRunLooks(sitting, trainable, context);
    return await stepByStep(sitting, run, trainable, looks, context);
  } finally {
    context.remembered.live = null;
    if (run) await keepNewest(run, sitting);
    looks?.dispose();
    objective?.dispose();
    (run ?? trainable).dispose();
  }
}

/** Looks at the base first, which later looks are compared with. Null where nothing is to be looked at. */
async function openRunLooks(
  sitting: Sitting,
  trainable: Trainable,
  context: TrainerContext,
): Promise<Looks | null> {
  const { record, network, heldOut } = sitting;
  const { watch, options } = record.plan;
  if (watch.every === 0) return null;
  const { family, autoencoder, autoencoderName } = network;
  const looks = await openLooks(
    { family, autoencoder, autoencoderName, watch, heldOut, seed: options.seed },
    context,
  );
  if (!network.entry) return looks; // random weights are nobody's base
  try {
    const progress = { type: "progress", id: context.id, phase: "base", of: 1 } as const;
    context.post({ ...progress, done: 0 });
    const pictures = await looks.base(trainable, trainable.initial());
    await givePictures(sitting, 0, true, pictures, context);
    context.post({ ...progress, done: 1 });
    return looks;
  } catch (cause) {
    looks.dispose();
    throw cause;
  }
}

async function stepByStep(
  sitting: Sitting,
  run: TrainingRun,
  trainable: Trainable,
  looks: Looks | null,
  context: TrainerContext,
): Promise<TrainerOutcome> {
  const { record, network, curve, steps } = sitting;
  const { now, post, id } = context;
  context.remembered.live = {
    run: record.id,
    network,
    trainable,
    average: () => run.values("average"),
    progress: () => progressOf(sitting, "running", run.step),
    data: dataWords(sitting.dataset.record),
    plan: record.plan,
  };
  const { optimizer, step } = run;
  const classes = network.labelling.names;
  post({ type: "began", id, run: record.id, step, of: steps, optimizer, classes });
  const copies = readBack(run, sitting, now);
  let [stepMs, lookMs] = [0, 0];
  for (;;) {
    if (looks && lookDue(sitting, run.step)) {
      if (checkpointDue(sitting, run.step, lookMs, context))
        await keepRun(sitting, await copies.state(), "running", context);
      const started = now();
      await lookAt(sitting, run, trainable, looks, context);
      lookMs = now() - started;
      sitting.trainedMs += lookMs;
    }
    if (checkpointDue(sitting, run.step, stepMs, context))
      await keepRun(sitting, await copies.state(), "running", context);
    await context.between();
    const wish = context.wish();
    if (wish === "pause") {
      await keepRun(sitting, await copies.state(), "paused", context);
      return { event: { type: "paused", step: run.step } };
    }
    if (wish === "stop" || run.step >= steps) return finish(sitting, run, trainable, copies, context);
    const started = now();
    context.beforeBatch();
    const made = await run.advance(async () => {
      await context.backend.settle(); // a buffer that could not be made gives the step up
      await context.breathe();
    });
    stepMs = now() - started;
    sitting.trainedMs += stepMs;
    const point = { ...made, ms: stepMs };
    curve.push(point);
    await copies.afterStep();
    post({ type: "step", id, of: steps, ...point });
  }
}

/** Every so many steps, at the end too; not again where a resumed run has it. */
const lookDue = ({ record, steps, looks }: Sitting, step: number): boolean =>
  (step % record.plan.watch.every === 0 || step >= steps) && !looks.some((look) => look.step === step);

async function lookAt(
  sitting: Sitting,
  run: TrainingRun,
  trainable: Trainable,
  looks: Looks,
  context: TrainerContext,
): Promise<void> {
  const { point, pictures } = await looks.at(trainable, await run.values("average"), run.step);
  sitting.looks.push(point);
  await givePictures(sitting, run.step, false, pictures, context);
  context.post({ type: "look", id: context.id, ...point });
}

/** The average weights become a model of the library; a library that does not take it loses nothing, since the run has them. */
async function finish(
  sitting: Sitting,
  run: TrainingRun,
  trainable: Trainable,
  copies: ReadBack,
  context: TrainerContext,
): Promise<TrainerOutcome> {
  const { record, network, dataset } = sitting;
  const { models, backend, today } = context;
  const progress = progressOf(sitting, "finished", run.step);
  const { model, files } = await madeModel(
    record.plan,
    network,
    trainable,
    await run.values("average"),
    progress,
    { data: dataWords(dataset.record), device: backend.adapter ?? backend.name, today: today() },
  );
  let notKept: StorageError | null = null;
  try {
    await models.put(model, files);
    sitting.model = model.id;
  } catch (cause) {
    notKept = storageError(cause);
  }
  await keepRun(sitting, await copies.state(), "finished", context);
  return { event: { type: "finished", run: record.id, step: run.step, model, notKept } };
}
