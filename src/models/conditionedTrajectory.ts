import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Moved } from "#flow/field.ts";
import { ModelError } from "./modelError.ts";
import type { SyncTrajectory } from "./syncTrajectory.ts";

/** What a network is conditioned on: a time and a label. */
export interface Conditioning {
  readonly time: number;
  readonly label: number;
}

/** A network on kernels of our own, as a trajectory sees it. */
export interface ConditionedNetwork<Rows> {
  /** What depends on time and label alone, one row for each pair. */
  modulations(pairs: readonly Conditioning[]): Rows;
  /** Lets rows go, also when the network is gone already. */
  release(rows: Rows): void;
  /** Velocity at x [B,H,W,C], each sample under its own row. With guidance w, there are 2·B samples, the conditional ones
   *  first; null: one pass. The caller disposes the result. */
  velocity(x: Tensor4D, rows: Rows, rowOfSample: readonly number[], guidance: number | null): Tensor4D;
  /** The same, and base + factor · velocity from the same kernel, where there is one for both. The caller disposes both. */
  move?(
    x: Tensor4D,
    rows: Rows,
    rowOfSample: readonly number[],
    guidance: number | null,
    base: Tensor4D,
    factor: number,
  ): Moved;
}

export interface TrajectoryOptions {
  readonly times: readonly number[];
  readonly labels: readonly number[];
  readonly guidance: number;
  /** The label that means none. */
  readonly nullLabel: number;
  /** Times whose modulations are held at once, for so many labels. */
  timesAtOnce(labels: number): number;
}

/** Rows of up to `timesAtOnce` distinct times for every distinct label. */
interface Chunk<Rows> {
  readonly first: number;
  readonly count: number;
  readonly rows: Rows;
}

/** What depends on time and label alone is computed once per distinct pair. Guidance runs as one pass over the doubled
 *  batch. Labels are checked by the caller. */
export function conditionedTrajectory<Rows>(
  network: ConditionedNetwork<Rows>,
  { times, labels, guidance, nullLabel, timesAtOnce }: TrajectoryOptions,
): SyncTrajectory {
  const guided = guidance !== 1;
  const labelOfSample = guided ? [...labels, ...labels.map(() => nullLabel)] : labels;
  const distinctLabels = [...new Set(labelOfSample)];
  const distinctTimes = [...new Set(times)];
  const atOnce = timesAtOnce(distinctLabels.length);
  let chunk: Chunk<Rows> | null = null;
  let ended = false;

  const letGo = (): void => {
    if (chunk !== null) network.release(chunk.rows);
    chunk = null;
  };
  const chunkWith = (time: number): Chunk<Rows> => {
    if (chunk !== null && time >= chunk.first && time < chunk.first + chunk.count) return chunk;
    letGo();
    const first = time - (time % atOnce);
    const part = distinctTimes.slice(first, first + atOnce);
    const pairs = part.flatMap((t) => distinctLabels.map((label): Conditioning => ({ time: t, label })));
    chunk = { first, count: part.length, rows: network.modulations(pairs) };
    return chunk;
  };

  const { move } = network;
  /** What an evaluation needs beside its state. */
  const evaluation = (index: number) => {
    if (ended) throw new ModelError({ kind: "TrajectoryEnded" });
    if (!(index in times))
      throw new ModelError({ kind: "NoSuchEvaluation", index, evaluations: times.length });
    const time = distinctTimes.indexOf(times[index]);
    const { first, rows } = chunkWith(time);
    const rowOfSample = labelOfSample.map(
      (label) => (time - first) * distinctLabels.length + distinctLabels.indexOf(label),
    );
    return [rows, rowOfSample, guided ? guidance : null] as const;
  };

  return {
    velocity: (index, x) => network.velocity(x, ...evaluation(index)),
    ...(move && {
      move: (index: number, x: Tensor4D, base: Tensor4D, factor: number) =>
        move(x, ...evaluation(index), base, factor),
    }),
    end(): void {
      if (!ended) letGo();
      ended = true;
    },
  };
}
