import { dispose, type Tensor4D, tensor4d, tidy, tile } from "@tensorflow/tfjs-core";
import { type LatentSet, latentsAt } from "#flow/latentSet.ts";
import { flowMatchingLossPerSample } from "#flow/losses.ts";
import { pointOnPath, targetVelocity } from "#flow/path.ts";
import { ditForward } from "#models/dit.ts";
import { ghostNorms } from "./ghostNorms.ts";
import type { ProxyNetwork } from "./proxyNetwork.ts";
import type { ScoreTables } from "./scoreTables.ts";

export interface ScoreOptions {
  /** [M,H,W,C], shared by all samples and times (`scoringNoises`). */
  readonly noises: Float32Array;
  /** False for losses alone, which take a third of the time. */
  readonly gradients: boolean;
  /** Network passes side by side; M of them belong to a sample. Default 16. */
  readonly batch?: number;
}

export interface ScoreProgress {
  readonly done: number;
  readonly of: number;
}

/** Fills the tables row by row, for every sample at every time with every noise: the network's loss and the squared norm of
 *  its gradient. Rows that are there already are left, so that a scoring goes on where it was. Yields after each few
 *  samples; whoever drives it pauses by not asking for more, cancels by leaving, and stores the tables as often as it likes.
 *  Labels are used as they are and are checked by the caller. No tensor is left at a yield. Source: method §6. */
export async function* scoreSamples(
  { config, tensors }: ProxyNetwork,
  data: LatentSet,
  tables: ScoreTables,
  { noises, gradients, batch = 16 }: ScoreOptions,
): AsyncGenerator<ScoreProgress, void> {
  const { channels, height, width } = data.shape;
  const count = noises.length / (channels * height * width); // M
  const together = Math.max(1, Math.floor(batch / count));
  const T = tables.times.length;
  const wanted = gradients ? tables.gradient : tables.loss;
  const open = Array.from({ length: tables.samples }, (_, i) => i).filter((i) =>
    wanted.subarray(i * T, (i + 1) * T).some(Number.isNaN),
  );
  let done = tables.samples - open.length;
  for (let start = 0; start < open.length; start += together) {
    const samples = open.slice(start, start + together);
    const rows = samples.flatMap((i) => new Array<number>(count).fill(i)); // noise by noise of each sample
    const labels = rows.map((i) => data.labels[i]);
    const x1 = latentsAt(data, rows);
    const x0: Tensor4D = tidy(() =>
      tile(tensor4d(noises, [count, height, width, channels]), [samples.length, 1, 1, 1]),
    );
    const target = targetVelocity(x0, x1);
    try {
      for (const [k, t] of tables.times.entries()) {
        const at = { times: rows.map(() => t), labels, target };
        const measured = tidy(() => {
          const x = pointOnPath(x0, x1, t);
          if (gradients) return ghostNorms(config, tensors, { x, ...at });
          const velocity = ditForward(config, tensors, x, at.times, labels);
          return { losses: flowMatchingLossPerSample(velocity, target) };
        });
        try {
          putMeans(tables.loss, await measured.losses.data(), samples, k, T);
          if ("norms" in measured) putMeans(tables.gradient, await measured.norms.data(), samples, k, T);
        } finally {
          dispose(measured);
        }
      }
    } finally {
      dispose([x0, x1, target]);
    }
    done += samples.length;
    yield { done, of: tables.samples };
  }
}

/** Column k of each sample's row: the mean of its values, which follow one another. */
function putMeans(
  table: Float64Array,
  values: ArrayLike<number>,
  samples: readonly number[],
  k: number,
  T: number,
): void {
  const count = values.length / samples.length;
  samples.forEach((sample, place) => {
    let sum = 0;
    for (let m = 0; m < count; m++) sum += values[place * count + m];
    table[sample * T + k] = sum / count;
  });
}
