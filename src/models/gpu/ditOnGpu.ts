import { dispose, reshape, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Moved } from "#flow/field.ts";
import { GpuArena } from "#gpu/arena.ts";
import { LINEAR } from "#gpu/linear.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { patchify } from "#kernels/patches.ts";
import type { ArrivingNetwork } from "../arrivingNetwork.ts";
import {
  type ConditionedNetwork,
  type Conditioning,
  conditionedTrajectory,
} from "../conditionedTrajectory.ts";
import { type DiTConfig, ditSizes } from "../ditConfig.ts";
import type { DiT } from "../ditModel.ts";
import { requireLabel } from "../labels.ts";
import { ModelError } from "../modelError.ts";
import type { Taps } from "../taps.ts";
import { type BufferTap, DiTGpu, type Evaluation, type ModulationRows } from "./ditGpu.ts";
import { ArrivingDiTGpuWeights } from "./ditGpuWeights.ts";
import { tensorDevice, tensorGpu } from "./tensorGpu.ts";

/** Times whose modulations are held at once, and the memory that they may take: a DiT-XL has 780 kB of them a time and label. */
const TIMES_AT_ONCE = 64;
const MODULATION_BYTES = 128 * 2 ** 20;

/** A DiT on our own WebGPU kernels, before its weights, which are handed to the device as they come. */
export function beginDiTOnGpu(config: DiTConfig, machine: GpuMachine): ArrivingNetwork<DiT> {
  const arena = new GpuArena(machine.device);
  const weights = new ArrivingDiTGpuWeights(arena, config, machine.runs(LINEAR));
  return {
    offer: (name, weight) => weights.offer(name, weight),
    alive: () => machine.device === tensorDevice(),
    finish: () => ditOnGpu(config, new DiTGpu(config, machine, arena, weights.finish()), machine),
    abandon: () => arena.destroy(),
  };
}

/** Behind the same face as on tfjs: states and velocities are its tensors, on the device all the way. */
function ditOnGpu(config: DiTConfig, network: DiTGpu, machine: GpuMachine): DiT {
  let disposed = false;
  const requireNetwork = (): void => {
    if (disposed) throw new ModelError({ kind: "TrajectoryEnded" });
  };
  const requireLabels = (labels: readonly number[]): void => {
    requireNetwork();
    for (const label of labels) requireLabel(config, label);
  };

  /** One submission. */
  const evaluate = (x: Tensor4D, how: Omit<Evaluation, "x" | "velocity">): Tensor4D => {
    requireNetwork();
    const gpu = tensorGpu();
    const result = gpu.newTensor(x.shape);
    network.record({ ...how, x: gpu.bufferOf(x), velocity: result.buffer });
    gpu.submit();
    return result.tensor as Tensor4D; // of x's shape
  };

  const conditioned: ConditionedNetwork<ModulationRows> = {
    modulations(pairs) {
      requireNetwork();
      return inOneSubmission(machine, (scratch) => network.recordModulations(pairs, scratch));
    },
    release: (rows) => rows.destroy(),
    velocity: (x, modulations, rowOfSample, guidance) =>
      evaluate(x, { modulations, rowOfSample, guidance, move: null }),
    move(x, modulations, rowOfSample, guidance, base, factor): Moved {
      requireNetwork();
      const gpu = tensorGpu();
      const { tensor, buffer: next } = gpu.newTensor(x.shape);
      const move = { base: gpu.bufferOf(base), next, factor };
      const velocity = evaluate(x, { modulations, rowOfSample, guidance, move });
      return { velocity, x: tensor as Tensor4D }; // of x's shape
    },
  };

  return {
    config,
    begin(times, labels, guidance) {
      requireLabels(labels);
      if (guidance !== 1) requireLabel(config, config.num_classes);
      const fitting = (labelCount: number) => Math.floor(MODULATION_BYTES / (labelCount * network.rowBytes));
      return conditionedTrajectory(conditioned, {
        times,
        labels,
        guidance,
        nullLabel: config.num_classes,
        timesAtOnce: (labelCount) => Math.max(1, Math.min(TIMES_AT_ONCE, fitting(labelCount))),
      });
    },
    forward(x, times, labels, tap) {
      requireLabels(labels);
      const pairs = labels.map((label, sample): Conditioning => ({ time: times[sample], label }));
      return tap ? tappedForward(machine, network, config, x, pairs, tap) : forward(conditioned, x, pairs);
    },
    dispose() {
      disposed = true;
      network.dispose();
    },
  };
}

const inOrder = (pairs: readonly Conditioning[]): number[] => pairs.map((_, sample) => sample);

/** Every sample under a row of its own. */
function forward(
  network: ConditionedNetwork<ModulationRows>,
  x: Tensor4D,
  pairs: readonly Conditioning[],
): Tensor4D {
  const rows = network.modulations(pairs);
  try {
    return network.velocity(x, rows, inOrder(pairs), null);
  } finally {
    network.release(rows);
  }
}

/** The same with what lies between copied out. Taps fire when all is recorded. */
function tappedForward(
  machine: GpuMachine,
  network: DiTGpu,
  config: DiTConfig,
  x: Tensor4D,
  pairs: readonly Conditioning[],
  tap: Taps,
): Tensor4D {
  const gpu = tensorGpu();
  const { input_size: side, hidden_size: D, patch_size: patch } = config;
  const { tokens, outChannels } = ditSizes(config);
  const seen: { name: string; tensor: Tensor }[] = [];
  const result = gpu.newTensor(x.shape);
  const all = gpu.newTensor([pairs.length, side, side, outChannels]);
  const state = gpu.bufferOf(x);
  const rows = inOneSubmission(machine, (scratch) => {
    const copy: BufferTap = (name, from) => {
      const shape = name === "conditioning" ? [pairs.length, D] : [pairs.length, tokens, D];
      const { tensor, buffer } = gpu.newTensor(shape);
      gpu.encoder().copyBufferToBuffer(from, 0, buffer, 0, buffer.size);
      seen.push({ name, tensor });
    };
    const modulations = network.recordModulations(pairs, scratch, copy);
    const how = { modulations, rowOfSample: inOrder(pairs), guidance: null, move: null };
    network.record({ ...how, x: state, velocity: result.buffer }, copy);
    network.recordAllChannels(all.buffer);
    return modulations;
  });
  rows.destroy();
  const columns = patchify(all.tensor as Tensor4D, patch);
  seen.push({ name: "tokens_final", tensor: reshape(columns, [pairs.length, tokens, -1]) });
  for (const { name, tensor } of seen) tap(name, tensor);
  dispose([all.tensor, columns, ...seen.map(({ tensor }) => tensor)]);
  return result.tensor as Tensor4D; // of x's shape
}

/** Records and submits; what was placed in `scratch` goes then. */
function inOneSubmission<Result>(machine: GpuMachine, record: (scratch: GpuArena) => Result): Result {
  const gpu = tensorGpu();
  const scratch = new GpuArena(machine.device);
  try {
    const result = record(scratch);
    gpu.submit();
    return result;
  } finally {
    scratch.destroy();
  }
}
