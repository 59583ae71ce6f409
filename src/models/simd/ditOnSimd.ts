import { reshape, type Tensor4D, tensor2d, tensor4d } from "@tensorflow/tfjs-core";
import type { SimdSource } from "#simd/installed.ts";
import { SimdMachine } from "#simd/machine.ts";
import type { ArrivingNetwork } from "../arrivingNetwork.ts";
import { type ConditionedNetwork, conditionedTrajectory } from "../conditionedTrajectory.ts";
import type { DiTConfig } from "../ditConfig.ts";
import type { DiT } from "../ditModel.ts";
import { requireLabel } from "../labels.ts";
import { ModelError } from "../modelError.ts";
import type { Taps } from "../taps.ts";
import { DiTSimd, type HostTaps, type ModulationTiles } from "./ditSimd.ts";
import { ArrivingDiTWeights } from "./ditSimdWeights.ts";

/** Times whose modulations are held at once. A row has (6·depth + 2)·D numbers: 64 rows of a DiT-XL are 50 MB a label. */
const TIMES_AT_ONCE = 64;

/** A DiT on the CPU's SIMD kernels, before its weights. Throws SimdMemoryError, and so do `offer` and `finish`. */
export function beginDiTOnSimd(config: DiTConfig, source: SimdSource): ArrivingNetwork<DiT> {
  const machine = new SimdMachine(source);
  const weights = new ArrivingDiTWeights(machine, config);
  return {
    offer: (name, weight) => weights.offer(name, weight),
    alive: () => true,
    finish: () => ditOnSimd(config, new DiTSimd(config, machine, weights.finish())),
    abandon: () => machine.close(),
  };
}

/** Behind the same face as on tfjs; states and velocities are small tensors. */
function ditOnSimd(config: DiTConfig, whole: DiTSimd): DiT {
  let network: DiTSimd | null = whole;
  const running = (): DiTSimd => {
    if (network === null) throw new ModelError({ kind: "TrajectoryEnded" });
    return network;
  };
  const conditioned: ConditionedNetwork<ModulationTiles> = {
    modulations: (pairs) => running().modulations(pairs),
    release: () => {},
    velocity(x, rows, rowOfSample, guidance) {
      const state = x.dataSync<"float32">();
      if (guidance === null) return like(x, running().velocity(state, rows, rowOfSample));
      const twice = new Float32Array(2 * state.length);
      twice.set(state);
      twice.set(state, state.length);
      const both = running().velocity(twice, rows, rowOfSample);
      return like(x, guided(both.subarray(0, state.length), both.subarray(state.length), guidance));
    },
  };
  return {
    config,
    begin(times, labels, guidance) {
      for (const label of labels) requireLabel(config, label);
      if (guidance !== 1) requireLabel(config, config.num_classes);
      return conditionedTrajectory(conditioned, {
        times,
        labels,
        guidance,
        nullLabel: config.num_classes,
        timesAtOnce: () => TIMES_AT_ONCE,
      });
    },
    forward(x, times, labels, tap) {
      for (const label of labels) requireLabel(config, label);
      const conditionings = labels.map((label, sample) => ({ time: times[sample], label }));
      const taps = tap && onHost(tap, labels.length);
      const rows = running().modulations(conditionings, taps);
      const order = labels.map((_, sample) => sample);
      return like(x, running().velocity(x.dataSync<"float32">(), rows, order, taps));
    },
    dispose: () => {
      network?.dispose();
      network = null; // its memory goes with it
    },
  };
}

/** Taps that see tensors: conditionings [B,D], tokens [B,N,columns]. */
function onHost(tap: Taps, samples: number): HostTaps {
  return (name, values, columns) => {
    const rows = tensor2d(values, [values.length / columns, columns]);
    const shaped = name === "conditioning" ? rows.clone() : reshape(rows, [samples, -1, columns]);
    tap(name, shaped);
    rows.dispose();
    shaped.dispose();
  };
}

const like = (x: Tensor4D, values: Float32Array): Tensor4D => tensor4d(values, x.shape, "float32");

/** v_u + w (v_c − v_u), into the conditional velocities. */
function guided(conditional: Float32Array, unconditional: Float32Array, w: number): Float32Array {
  for (let i = 0; i < conditional.length; i++)
    conditional[i] = unconditional[i] + w * (conditional[i] - unconditional[i]);
  return conditional;
}
