import {
  add,
  concat,
  dispose,
  keep,
  mul,
  split,
  sub,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { flatRange } from "#kernels/flatRange.ts";
import { selectRows } from "#kernels/selectRows.ts";
import type { DiTConfig } from "./ditConfig.ts";
import { ditVelocity, embedClasses, embedTimes, modulationRows, splitModulations } from "./ditNetwork.ts";
import { ModelError } from "./modelError.ts";
import type { SyncTrajectory } from "./syncTrajectory.ts";
import type { WeightTensors } from "./tensors.ts";

/** Times whose modulations are held at once. A row has (6·depth + 2)·D numbers: 64 rows of a DiT-XL are 50 MB a label. */
const TIMES_AT_ONCE = 64;

/** Modulations of up to 64 times for every label; rows [count,labels·P]: time first + j is row j, label by label. */
interface Chunk {
  readonly first: number;
  readonly count: number;
  readonly rows: Tensor2D;
}

/** A DiT prepared for one trajectory. What depends on time and label alone is computed once per distinct pair, and
 *  one label at a time: then its matrix products have the same shape whatever else is in the batch, and image k of a
 *  batch gets the bits that it gets alone. Guidance runs as one pass over the doubled batch. Labels are checked by
 *  the caller. */
export function ditTrajectory(
  config: DiTConfig,
  weights: WeightTensors,
  times: readonly number[],
  labels: readonly number[],
  guidance: number,
): SyncTrajectory {
  const guided = guidance !== 1;
  const labelOfRow = guided ? [...labels, ...labels.map(() => config.num_classes)] : labels;
  const distinctLabels = [...new Set(labelOfRow)];
  const distinctTimes = [...new Set(times)];
  let chunk: Chunk | null = null;
  let ended = false;

  const chunkWith = (time: number): Chunk => {
    if (chunk !== null && time >= chunk.first && time < chunk.first + chunk.count) return chunk;
    if (chunk !== null) dispose(chunk.rows);
    chunk = null;
    const first = time - (time % TIMES_AT_ONCE);
    const part = distinctTimes.slice(first, first + TIMES_AT_ONCE);
    const rows = tidy(() => {
      const embedded = embedTimes(weights, part); // [T,D]
      const ofLabel = (label: number) =>
        modulationRows(config, weights, add(embedded, embedClasses(weights, [label]))); // [T,P], P = (6·depth+2)·D
      return keep(concat(distinctLabels.map(ofLabel), 1));
    });
    chunk = { first, count: part.length, rows };
    return chunk;
  };

  /** One row a sample, or a single row when all samples have one label: both give the same products. */
  const rowsAt = (index: number): Tensor2D => {
    const time = distinctTimes.indexOf(times[index]);
    const { first, rows } = chunkWith(time);
    const width = rows.shape[1];
    const count = distinctLabels.length;
    const ofLabels: Tensor2D = flatRange(rows, (time - first) * width, [count, width / count]);
    if (count === 1 || count === labelOfRow.length) return ofLabels; // in the order of the samples already
    return selectRows(
      labelOfRow.map((label) => distinctLabels.indexOf(label)),
      ofLabels,
    );
  };

  return {
    velocity(index: number, x: Tensor4D): Tensor4D {
      if (ended) throw new ModelError({ kind: "TrajectoryEnded" });
      if (!(index in times))
        throw new ModelError({ kind: "NoSuchEvaluation", index, evaluations: times.length });
      return tidy(() => {
        const modulations = splitModulations(config, rowsAt(index));
        if (!guided) return ditVelocity(config, weights, x, modulations);
        const both = ditVelocity(config, weights, concat([x, x], 0), modulations);
        const [conditional, unconditional] = split(both, 2, 0);
        return add(unconditional, mul(sub(conditional, unconditional), guidance));
      });
    },
    end(): void {
      ended = true;
      if (chunk !== null) dispose(chunk.rows);
      chunk = null;
    },
  };
}
