import { concat, dispose, type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { DiT } from "#models/ditModel.ts";
import type { StepDraw } from "./draws.ts";
import { droppedLabel, pathBatch } from "./flowMatching.ts";
import type { Objective, ObjectiveState } from "./objective.ts";
import { TrainingError } from "./trainingError.ts";
import type { TrainingSet } from "./trainingSet.ts";

export interface DistillationOptions {
  /** Largest time that is trained at: 1 where the page also draws with the light model alone and any tau can be chosen,
   *  tau for t < tau alone. */
  readonly tMax: number;
  /** Euler steps of the light model's own trajectories from t = 0 to tMax. */
  readonly ownSteps: number;
}

export const DISTILLATION: DistillationOptions = { tMax: 1, ownSteps: 30 };

/** The light model's own states: one a slot of the second half of a batch. They all advance by one Euler step with the
 *  velocity that the light model has just been trained with: states of its own for no further evaluation. */
interface Pool extends ObjectiveState {
  /** [slots,H,W,C] */
  readonly x: Float32Array;
  /** Steps made of each; below 0 it waits, so that the pool covers all times later on. */
  readonly at: Int32Array;
  readonly labels: Int32Array;
}

interface Rows {
  readonly x: Tensor4D;
  readonly times: readonly number[];
  readonly labels: readonly number[];
}

/** Velocity distillation, the mean over slots of ‖v(x, t, y) − v_heavy(x, t, y)‖²: the first ⌊batch/2⌋ slots on paths of
 *  data, t ~ U(0, tMax), the others on the light model's own trajectories. The heavy model stays the caller's.
 *  Source: method §5. */
export function distillation(
  config: DiTConfig,
  set: TrainingSet,
  heavy: Pick<DiT, "forward">,
  { tMax, ownSteps }: DistillationOptions = DISTILLATION,
): Objective {
  const { height, width, channels } = set.latents.shape;
  const size = height * width * channels;
  let pool: Pool | undefined;

  const labelAt = (draw: StepDraw, slot: number): number =>
    droppedLabel(config, set.latents.labels[set.kept[draw.places[slot]]], draw.dropouts[slot]);
  const started = (draw: StepDraw, half: number): Pool => {
    const slots = Array.from({ length: draw.places.length - half }, (_, place) => half + place);
    return {
      x: draw.noise(half, draw.places.length),
      at: Int32Array.from(slots, (slot) => -Math.floor(draw.times[slot] * ownSteps)),
      labels: Int32Array.from(slots, (slot) => labelAt(draw, slot)),
    };
  };

  return {
    get state() {
      return pool;
    },
    restore({ x, at, labels }) {
      if (!(x instanceof Float32Array && at instanceof Int32Array && labels instanceof Int32Array)) return;
      requireCount("numbers in the light model's trajectories", x.length, at.length * size);
      pool = { x, at, labels };
    },
    begin(draw) {
      const batch = draw.places.length;
      const half = Math.floor(batch / 2);
      const current = pool ?? started(draw, half);
      requireCount("the light model's trajectories", current.at.length, batch - half);
      const next = { x: current.x.slice(), at: current.at.slice(), labels: current.labels.slice() };
      /** Rows of the own trajectories first … end−1. */
      const ownBatch = (first: number, end: number): Rows => {
        const shape: [number, number, number, number] = [end - first, height, width, channels];
        const steps = Array.from(current.at.subarray(first, end), (at) => Math.max(0, at));
        return {
          x: tensor4d(current.x.slice(first * size, end * size), shape),
          times: steps.map((at) => (at * tMax) / ownSteps),
          labels: Array.from(current.labels.subarray(first, end)),
        };
      };
      return {
        batch(from, to) {
          const middle = Math.min(Math.max(half, from), to); // slots before it are on data, the others own
          const onData = from < middle ? pathBatch(config, set, draw, [from, middle], [0, tMax]) : null;
          const own = middle < to ? ownBatch(middle - half, to - half) : null;
          onData?.target.dispose();
          const { x, times, labels } = joined(onData, own);
          const parts = times.map((_, row) => (from + row < half ? "data" : "own"));
          const weights = times.map(() => 1 / batch);
          return { x, target: heavy.forward(x, times, labels), times, labels, weights, parts };
        },
        observe(from, velocity) {
          const rows = velocity.length / size;
          for (let row = Math.max(0, half - from); row < rows; row++) {
            const place = from + row - half;
            if (current.at[place] < 0) continue;
            for (let d = 0; d < size; d++)
              next.x[place * size + d] += (velocity[row * size + d] * tMax) / ownSteps;
          }
        },
        finish() {
          for (let place = 0; place < next.at.length; place++) {
            next.at[place]++;
            if (next.at[place] < ownSteps) continue;
            const slot = half + place;
            next.x.set(draw.noise(slot, slot + 1), place * size);
            next.at[place] = 0;
            next.labels[place] = labelAt(draw, slot);
          }
          pool = next;
        },
      };
    },
  };
}

/** One after the other; what was given is disposed or handed on. */
function joined(first: Rows | null, second: Rows | null): Rows {
  if (first === null || second === null) {
    const only = first ?? second;
    if (only === null) throw new RangeError("a batch has one slot or more");
    return only;
  }
  const x: Tensor4D = concat([first.x, second.x], 0);
  dispose([first.x, second.x]);
  return { x, times: [...first.times, ...second.times], labels: [...first.labels, ...second.labels] };
}

function requireCount(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new TrainingError({ kind: "StateDoesNotFit", what, actual, expected });
}
