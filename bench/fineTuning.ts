import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { dispose, keep, memory, profile, type Scalar, square, sum, tidy } from "@tensorflow/tfjs-core";
import { type LatentSet, latentsAt } from "#flow/latentSet.ts";
import { normals } from "#flow/noise.ts";
import { addAll } from "#kernels/addAll.ts";
import { uploadDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { POS_EMBED } from "#models/positionCheck.ts";
import { disposeTensors, type WeightTensors } from "#models/tensors.ts";
import { type VelocityBatch, velocityLossGradients } from "#models/velocityLoss.ts";
import type { WeightMap } from "#models/weights.ts";
import { ghostNorms } from "#scoring/ghostNorms.ts";
import { flowMatching } from "#training/flowMatching.ts";
import { fullTraining } from "#training/fullTraining.ts";
import { DEFAULT_LORA, loraTraining } from "#training/loraTraining.ts";
import { memoryEstimate } from "#training/memoryEstimate.ts";
import type { Trainable } from "#training/trainable.ts";
import { trainingRun } from "#training/trainingRun.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import { takeWhole } from "#training/wholeGradients.ts";
import { alternate, type Timing } from "./statistics.ts";

export interface FineTuningReport {
  /** Squared gradient norms of 16 samples, milliseconds for all of them, values read back. */
  readonly scoring: Readonly<Record<"light" | "heavy", NormsReport>>;
  /** A whole step of 16 samples: drawing, both ways through the network, AdamW, average, weights back on the device. */
  readonly step: Readonly<Record<RunName, StepReport>>;
  /** A step of the light model in PyTorch on one thread; null where there is no PyTorch. */
  readonly pytorch: { readonly steps: number; readonly medianMs: number; readonly torch: string } | null;
}

type RunName = "light" | "lightLora" | "heavyLora";

interface StepReport extends Timing {
  /** Largest memory of the tensor library during a step, and what was foreseen. */
  readonly peakBytes: number;
  readonly estimatedBytes: number;
}

interface NormsReport {
  readonly ghost: Timing;
  /** One backward pass a sample, its gradients formed and squared. */
  readonly oneByOne: Timing;
  /** oneByOne / ghost, of medians. */
  readonly speedUp: number;
  /** Tensor operations that each of them starts. */
  readonly operations: { readonly ghost: number; readonly oneByOne: number };
  /** Backward passes. */
  readonly passes: { readonly ghost: number; readonly oneByOne: number };
}

const SAMPLES = 16;
const LIGHT: DiTConfig = {
  input_size: 16,
  patch_size: 2,
  in_channels: 4,
  hidden_size: 128,
  depth: 4,
  num_heads: 2,
  mlp_ratio: 4,
  num_classes: 8,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
const HEAVY: DiTConfig = { ...LIGHT, hidden_size: 256, depth: 8, num_heads: 4 };

/** What its weights say has no bearing on a network's time; these are noise. */
function weightsOf(config: DiTConfig): WeightMap {
  const spec = [...ditSpec(config)].filter(([name]) => name !== POS_EMBED);
  return new Map(
    spec.map(([name, shape], seed) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, { shape, values: normals(seed, 0, size).map((value) => value * 0.02) }];
    }),
  );
}

const SET: LatentSet = {
  shape: { channels: 4, height: 16, width: 16 },
  values: normals(1, 0, SAMPLES * 1024),
  labels: Int32Array.from({ length: SAMPLES }, (_, i) => i % 8),
};

/** Milliseconds of scoring by gradients and of training steps, light and heavy, alternated. */
export async function measureFineTuning(
  rounds: number,
  log: (line: string) => void,
): Promise<FineTuningReport> {
  const report = {
    scoring: { light: await measureNorms(LIGHT, rounds), heavy: await measureNorms(HEAVY, rounds) },
    step: await measureTraining(rounds),
    pytorch: await pytorchStep(),
  };
  for (const model of ["light", "heavy"] as const) {
    const { ghost, oneByOne, speedUp, operations } = report.scoring[model];
    log(
      `gradient norms of ${SAMPLES} samples, ${model}: ghost ${ghost.medianMs.toFixed(0)} ms, one by one ${oneByOne.medianMs.toFixed(0)} ms, ${speedUp.toFixed(2)}x; operations ${operations.ghost} and ${operations.oneByOne}`,
    );
  }
  for (const [name, { medianMs, peakBytes, estimatedBytes }] of Object.entries(report.step)) {
    const memory = `${(peakBytes / 1e6).toFixed(0)} MB, ${(estimatedBytes / 1e6).toFixed(0)} foreseen`;
    log(`training step of ${SAMPLES} samples, ${name}: ${medianMs.toFixed(0)} ms; ${memory}`);
  }
  const { pytorch } = report;
  log(
    pytorch === null
      ? "no python3 with PyTorch to compare with"
      : `the light step in PyTorch ${pytorch.torch}, one thread: ${pytorch.medianMs.toFixed(0)} ms; ours takes ${(report.step.light.medianMs / pytorch.medianMs).toFixed(2)} times as long`,
  );
  log(`${memory().numTensors} tensors left`);
  return report;
}

async function measureNorms(config: DiTConfig, rounds: number): Promise<NormsReport> {
  const tensors = uploadDiT(config, weightsOf(config));
  const all = Array.from({ length: SAMPLES }, (_, i) => i);
  const ghost = () => ghostMs(config, tensors, all);
  const oneByOne = () => oneByOneMs(config, tensors, all);
  const timings = await alternate({ ghost, oneByOne }, rounds, 1);
  const operations = { ghost: await operationsOf(ghost), oneByOne: await operationsOf(oneByOne) };
  disposeTensors(tensors);
  const speedUp = timings.oneByOne.medianMs / timings.ghost.medianMs;
  return { ...timings, speedUp, operations, passes: { ghost: 1, oneByOne: SAMPLES } };
}

const operationsOf = async (job: () => Promise<number>): Promise<number> =>
  (await profile(job)).kernels.length;

/** Samples `indices` at t = 0.5. The caller disposes x and target. */
function batchOf(indices: readonly number[]): VelocityBatch {
  return {
    x: latentsAt(SET, indices),
    target: latentsAt(SET, indices),
    times: indices.map(() => 0.5),
    labels: indices.map((i) => SET.labels[i]),
    weights: indices.map(() => 1),
  };
}

async function ghostMs(
  config: DiTConfig,
  tensors: WeightTensors,
  indices: readonly number[],
): Promise<number> {
  const batch = batchOf(indices);
  const started = performance.now();
  const parts = ghostNorms(config, tensors, batch);
  await parts.norms.data();
  const ms = performance.now() - started;
  dispose([parts, batch.x, batch.target]);
  return ms;
}

async function oneByOneMs(
  config: DiTConfig,
  tensors: WeightTensors,
  indices: readonly number[],
): Promise<number> {
  const batches = indices.map((index) => batchOf([index]));
  const started = performance.now();
  for (const batch of batches) {
    const norm = tidy(() => {
      const squares: Scalar[] = [];
      velocityLossGradients(config, tensors, batch, (gradient) =>
        takeWhole(gradient, config.num_classes + 1, (_, tensor) => {
          squares.push(keep(tidy(() => sum(square(tensor)))));
          tensor.dispose();
        }),
      );
      const whole = addAll(squares);
      dispose(squares);
      return whole;
    });
    await norm.data();
    norm.dispose();
  }
  const ms = performance.now() - started;
  for (const { x, target } of batches) dispose([x, target]);
  return ms;
}

async function measureTraining(rounds: number): Promise<FineTuningReport["step"]> {
  const set = { latents: SET, kept: Uint32Array.from(SET.labels.keys()) };
  const options = { ...DEFAULT_TRAIN_OPTIONS, batch: SAMPLES, microBatch: SAMPLES };
  const runOf = (make: () => Trainable, lowRank: boolean) => {
    const before = memory().numBytes;
    const trainable = make();
    const restingBytes = memory().numBytes - before;
    const { config, layout } = trainable;
    const weights = [...weightsOf(config).values()].reduce((total, { values }) => total + values.length, 0);
    const size = { config, rows: SAMPLES, trained: layout.size, weights, lowRank };
    return {
      run: trainingRun(trainable, set, flowMatching(config, set), options),
      restingBytes,
      estimatedBytes: memoryEstimate(size).deviceBytes,
    };
  };
  const light = runOf(() => fullTraining(LIGHT, weightsOf(LIGHT)), false);
  const lightLora = runOf(() => loraTraining(LIGHT, weightsOf(LIGHT), DEFAULT_LORA, 0), true);
  const heavyLora = runOf(() => loraTraining(HEAVY, weightsOf(HEAVY), DEFAULT_LORA, 0), true);
  const runs: Record<RunName, ReturnType<typeof runOf>> = { light, lightLora, heavyLora };
  const stepMs = (name: RunName) => async () => {
    const started = performance.now();
    await runs[name].run.advance();
    return performance.now() - started;
  };
  const tasks = { light: stepMs("light"), lightLora: stepMs("lightLora"), heavyLora: stepMs("heavyLora") };
  const timings = await alternate(tasks, rounds, 1);
  const report: Partial<Record<RunName, StepReport>> = {};
  for (const name of ["light", "lightLora", "heavyLora"] as const) {
    const { restingBytes, estimatedBytes } = runs[name];
    const others = memory().numBytes - restingBytes;
    const { peakBytes } = await profile(tasks[name]);
    report[name] = { ...timings[name], peakBytes: peakBytes - others, estimatedBytes };
  }
  for (const { run } of Object.values(runs)) run.dispose();
  return report as FineTuningReport["step"];
}

/** Runs the same step in PyTorch, if this machine has it. */
async function pytorchStep(): Promise<FineTuningReport["pytorch"]> {
  const script = fileURLToPath(new URL("./pytorch_step.py", import.meta.url));
  const run = promisify(execFile);
  for (const python of ["python3", "/usr/bin/python3"]) {
    const output = await run(python, [script, JSON.stringify(LIGHT), String(SAMPLES)]).catch(() => null);
    if (output !== null) return JSON.parse(output.stdout);
  }
  return null;
}
