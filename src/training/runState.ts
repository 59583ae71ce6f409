import type { ObjectiveState } from "./objective.ts";
import type { ParameterLayout } from "./parameters.ts";
import { TrainingError } from "./trainingError.ts";
import type { TrainOptions } from "./trainOptions.ts";

/** All that a run needs to go on: plain numbers and typed arrays, which structured cloning and IndexedDB take as they are.
 *  Chance depends on the seed and the step alone. */
export interface RunState {
  /** Steps made. */
  readonly step: number;
  readonly seed: number;
  readonly batch: number;
  /** Trained numbers, their running means of gradients and squares, and their warmed average; one order and length. */
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly average: Float32Array;
  /** What the objective must keep. */
  readonly objective?: ObjectiveState | undefined;
}

/** The state before the first step; the average begins as the weights do. */
export const freshState = (weights: Float32Array, { seed, batch }: TrainOptions): RunState => ({
  step: 0,
  seed,
  batch,
  weights,
  first: new Float32Array(weights.length),
  second: new Float32Array(weights.length),
  average: weights.slice(),
});

/** A state of its own arrays. */
export const copiedState = (state: RunState): RunState => ({
  ...state,
  weights: state.weights.slice(),
  first: state.first.slice(),
  second: state.second.slice(),
  average: state.average.slice(),
  objective: state.objective && copiedObjective(state.objective),
});

export const copiedObjective = (state: ObjectiveState): ObjectiveState =>
  Object.fromEntries(Object.entries(state).map(([name, values]) => [name, values.slice()]));

/** Throws TrainingError StateDoesNotFit for a state of another network, seed or batch: it would not be the same run. */
export function checkRunState(state: RunState, layout: ParameterLayout, { seed, batch }: TrainOptions): void {
  const same = (what: string, actual: number, expected: number) => {
    if (actual !== expected) throw new TrainingError({ kind: "StateDoesNotFit", what, actual, expected });
  };
  for (const name of ["weights", "first", "second", "average"] as const)
    same(`numbers in the ${name}`, state[name].length, layout.size);
  same("the seed", state.seed, seed);
  same("samples of a step", state.batch, batch);
}
