import { dispose, engine, profile, type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import { latentOf } from "#checkpoints/modelChoice.ts";
import { passesPerEvaluation } from "#flow/field.ts";
import { INVERSION_STEPS } from "#flow/inversion.ts";
import type { LatentSet } from "#flow/latentSet.ts";
import { type LatentShape, noiseLatents } from "#flow/noise.ts";
import { STREAMS } from "#flow/uniforms.ts";
import type { Decoder } from "#models/decoder.ts";
import { createDiT } from "#models/dit.ts";
import type { DiT } from "#models/ditModel.ts";
import type { RunPlan } from "#runs/run.ts";
import { SCORE_TIMES } from "#scoring/scoreTables.ts";
import { SCORE_NOISES } from "#scoring/scoringNoises.ts";
import { coarseToFine } from "#training/coarseToFine.ts";
import { DISTILLATION, distillation } from "#training/distillation.ts";
import { flowMatching } from "#training/flowMatching.ts";
import type { Objective } from "#training/objective.ts";
import type { Trainable } from "#training/trainable.ts";
import { type TrainingRun, trainingRun } from "#training/trainingRun.ts";
import type { TrainingSet } from "#training/trainingSet.ts";
import { isOutOfMemory } from "../errors.ts";
import type { EstimateJob, TrainingEstimate } from "../trainerProtocol.ts";
import { wasmMemory } from "../wasmMemory.ts";
import { checkPlan } from "./checkPlan.ts";
import type { TrainerContext, TrainerWork } from "./context.ts";
import { TrainerFailure } from "./failure.ts";
import { openLooks } from "./look.ts";
import { loadDecoder } from "./networks.ts";
import { type RunNetwork, runNetwork, trainableOf } from "./runNetwork.ts";
import { loadTeacher, teacherEntry } from "./teacher.ts";

/** Timed trial steps, after one that warms up and is watched for memory. */
const TRIALS = 3;
/** Trials end early after this, once one was timed. */
const ENOUGH_MS = 8000;
/** Held-out samples whose 16 passes run together. */
const SIDE_BY_SIDE = 8;
/** Pictures of a forward pass that is timed. */
const PASSED = 4;

/** Measures what a plan costs: steps of the very run, on noise of the data's size, so that no data set is needed. Throws as `sit`
 *  does of the plan and the models, and TrainingOutOfMemory. */
export const estimateWork = ({ plan }: EstimateJob): TrainerWork => ({
  async run(context) {
    checkPlan(plan);
    const network = await runNetwork(plan, context);
    const base = await network.load(context);
    const { family, autoencoderName, labelling } = network;
    const entry = teacherEntry(family, plan.objective, autoencoderName, labelling.names);
    const teacher = entry && (await loadTeacher(entry, labelling.names.length, context));
    const draws = plan.watch.every > 0 && plan.watch.pictures.length > 0;
    const trainable = trainableOf(base, plan);
    let decoder: Decoder | null = null;
    let run: TrainingRun | null = null;
    try {
      decoder = draws ? await loadDecoder(family, autoencoderName, context) : null;
      const set = noiseSet(plan, network);
      const objective = objectiveOn(set, plan, trainable, teacher);
      run = trainingRun(trainable, set, objective, plan.options);
      const steps = await trialSteps(run, context);
      const passMs = await passMsOf(await createDiTOf(trainable, run), set, context);
      const teacherMs = teacher ? await passMsOf({ model: teacher, dispose: () => {} }, set, context) : 0;
      await smallLook(network, trainable, run, plan, set, context);
      const decodeMs = decoder ? await decodeMsOf(decoder, set.latents.shape, context) : 0;
      const estimate = await added(
        plan,
        network,
        trainable,
        { ...steps, passMs, teacherMs, decodeMs, optimizer: run.optimizer },
        context,
      );
      return { event: { type: "estimated", estimate } };
    } catch (cause) {
      if (!isOutOfMemory(cause)) throw cause;
      const { microBatch } = plan.options;
      const suggestedMicroBatch = microBatch > 1 ? Math.floor(microBatch / 2) : null;
      throw new TrainerFailure({ kind: "TrainingOutOfMemory", run: "", microBatch, suggestedMicroBatch });
    } finally {
      (run ?? trainable).dispose();
      teacher?.dispose();
      decoder?.dispose();
    }
  },
});

function noiseSet({ options }: RunPlan, { autoencoder, labelling }: RunNetwork): TrainingSet {
  const shape = latentOf(autoencoder);
  const { labels } = labelling;
  const latents: LatentSet = {
    shape,
    values: noiseLatents(options.seed, STREAMS.posterior, 0, options.batch, shape),
    labels: Int32Array.from({ length: options.batch }, (_, i) => labels[i % labels.length]),
  };
  return { latents, kept: Uint32Array.from(latents.labels.keys()) };
}

function objectiveOn(
  set: TrainingSet,
  { objective }: RunPlan,
  { config }: Trainable,
  teacher: DiT | null,
): Objective {
  if (objective.kind === "fm" || !teacher) return flowMatching(config, set);
  if (objective.kind === "distil")
    return distillation(config, set, teacher, { ...DISTILLATION, tMax: objective.tMax });
  const { values } = set.latents;
  return coarseToFine(config, set, { tau: objective.tau, states: values, velocities: values });
}

interface Steps {
  readonly stepMs: number;
  readonly deviceBytes: number;
  readonly trials: number;
}

async function trialSteps(run: TrainingRun, context: TrainerContext): Promise<Steps> {
  const { now, backend, beforeBatch, breathe } = context;
  const step = async () => {
    beforeBatch();
    await run.advance(async () => {
      await backend.settle();
      await breathe();
    });
  };
  const tell = (done: number) =>
    context.post({ type: "progress", id: context.id, phase: "trial-steps", done, of: TRIALS + 1 });
  tell(0);
  const deviceBytes = await peakBytes(step);
  const started = now();
  const times: number[] = [];
  for (let trial = 0; trial < TRIALS && (trial === 0 || now() - started < ENOUGH_MS); trial++) {
    tell(trial + 1);
    const begun = now();
    await step();
    times.push(now() - begun);
  }
  tell(TRIALS + 1);
  times.sort((a, b) => a - b);
  return { stepMs: times[Math.floor(times.length / 2)], deviceBytes, trials: times.length };
}

/** Most bytes that tensors take while `task` runs. */
async function peakBytes(task: () => Promise<void>): Promise<number> {
  let failure: { readonly cause: unknown } | null = null;
  const { kernels } = await profile(async () => {
    // A task that throws would leave the profiler on.
    await task().catch((cause: unknown) => {
      failure = { cause };
    });
    return [];
  });
  const peak = kernels.reduce((most, { totalBytesSnapshot }) => Math.max(most, totalBytesSnapshot), 0);
  engine().state.activeProfile.kernels = []; // it would keep thousands of entries
  if (failure) throw (failure as { readonly cause: unknown }).cause;
  return peak;
}

/** A look at one picture and a few held-out samples, so that memory grows by what looks take. */
async function smallLook(
  { family, autoencoder, autoencoderName, labelling }: RunNetwork,
  trainable: Trainable,
  run: TrainingRun,
  { watch, selection, options }: RunPlan,
  { latents }: TrainingSet,
  context: TrainerContext,
): Promise<void> {
  if (watch.every === 0) return;
  const looked = {
    family,
    autoencoder,
    autoencoderName,
    watch: {
      ...watch,
      pictures: watch.pictures.slice(0, 1).map(({ seed }) => ({ seed, label: labelling.labels[0] })),
      drawing: { ...watch.drawing, steps: 2 },
    },
    heldOut: selection.heldOut.length > 0 ? fewOf(latents) : null,
    seed: options.seed,
  };
  const looks = await openLooks(looked, context);
  try {
    await looks.at(trainable, await run.values("average"), 1);
  } finally {
    looks.dispose();
  }
}

/** As many as are looked at side by side. */
function fewOf({ shape, values, labels }: LatentSet): LatentSet {
  const count = Math.min(SIDE_BY_SIDE, labels.length);
  return {
    shape,
    values: values.subarray(0, (count * values.length) / labels.length),
    labels: labels.subarray(0, count),
  };
}

interface Passing {
  readonly model: Pick<DiT, "forward">;
  dispose(): void;
}

async function createDiTOf(trainable: Trainable, run: TrainingRun): Promise<Passing> {
  const model = createDiT(trainable.config, await run.weights("current"));
  return { model, dispose: () => model.dispose() };
}

/** Milliseconds of a forward pass of one picture, a few side by side. */
async function passMsOf(
  { model, dispose: end }: Passing,
  { latents }: TrainingSet,
  context: TrainerContext,
): Promise<number> {
  const { channels, height, width } = latents.shape;
  const size = channels * height * width;
  const count = Math.min(PASSED, latents.labels.length);
  const x = tensor4d(latents.values.slice(0, count * size), [count, height, width, channels]);
  const times = new Array<number>(count).fill(0.5);
  const labels = Array.from(latents.labels.subarray(0, count));
  let ms = 0;
  try {
    for (let round = 0; round < 2; round++) {
      const started = context.now();
      const velocity = model.forward(x, times, labels);
      await velocity.data();
      velocity.dispose();
      ms = context.now() - started; // of the second, warmed up
      await context.breathe();
    }
    return ms / count;
  } finally {
    x.dispose();
    end();
  }
}

async function decodeMsOf(
  decoder: Decoder,
  { channels, height, width }: LatentShape,
  context: TrainerContext,
): Promise<number> {
  const started = context.now();
  const image: Tensor4D = tidy(() =>
    decoder.decode(tensor4d(new Float32Array(channels * height * width), [1, height, width, channels])),
  );
  try {
    await image.data();
    return context.now() - started;
  } finally {
    dispose(image);
  }
}

interface Costs extends Steps {
  readonly passMs: number;
  readonly teacherMs: number;
  readonly decodeMs: number;
  readonly optimizer: TrainingRun["optimizer"];
}

const FLOAT = 4;
/** What a worker takes beside all that is counted: compiled script, and arrays that wait to be collected. Measured with
 *  `npm run bench -- --trainer-memory`. */
const WORKER_BYTES = 70e6;

async function added(
  { watch, selection, steps, objective, mode }: RunPlan,
  { autoencoder }: RunNetwork,
  { layout, weights, initial }: Trainable,
  { stepMs, deviceBytes, trials, passMs, teacherMs, decodeMs, optimizer }: Costs,
  { room }: TrainerContext,
): Promise<TrainingEstimate> {
  const { channels, height, width } = latentOf(autoencoder);
  const evaluations = (watch.drawing.steps - 1) * passesPerEvaluation(watch.drawing.guidance);
  const drawMs = watch.every > 0 ? watch.pictures.length * (evaluations * passMs + decodeMs) : 0;
  const heldOutMs = watch.every > 0 ? selection.heldOut.length * SCORE_TIMES * SCORE_NOISES * passMs : 0;
  const lookMs = drawMs + heldOutMs;
  const lookCount = watch.every > 0 ? 1 + Math.ceil(steps / watch.every) : 0;
  const distinct = new Set(selection.kept).size;
  const seamMs = objective.kind === "c2f" ? distinct * (INVERSION_STEPS + 1) * teacherMs : 0;
  const beforeMs = seamMs + drawMs;
  const all = [...weights(initial())].reduce((sum, [, { values }]) => sum + values.length, 0);
  const trained = layout.size;
  const samples = selection.kept.length + selection.heldOut.length;
  const latentBytes = FLOAT * samples * channels * height * width;
  // WebAssembly's memory never shrinks: all that it grew to meanwhile is what the tab holds.
  const heapBytes = wasmMemory()?.HEAPU8.length ?? 0;
  return {
    stepMs,
    lookMs,
    beforeMs,
    totalMs: beforeMs + steps * stepMs + lookCount * lookMs,
    deviceBytes: Math.max(deviceBytes, heapBytes),
    // The library and its garbage; weights, two moments, average, gradient and its copy from the device; a checkpoint's copy; what training began with.
    hostBytes:
      WORKER_BYTES +
      FLOAT * (6 * trained + 4 * trained + all) +
      (objective.kind === "c2f" ? 3 : 1) * latentBytes,
    storageBytes: FLOAT * (2 * 4 * trained + all) + (mode.kind === "lora" ? FLOAT * trained : 0),
    storageFree: await room(),
    parameters: { trained, all },
    optimizer,
    trials,
  };
}
