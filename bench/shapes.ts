import { predictedSpeedUp } from "#flow/costModel.ts";
import { initialNoise, normals } from "#flow/noise.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import type { DiT } from "#models/ditModel.ts";
import { POS_EMBED } from "#models/positionCheck.ts";
import type { WeightArray } from "#models/weights.ts";
import { alternate, type Timing } from "./statistics.ts";

/** A DiT by depth and width; heads are 64 wide, or 48 where 64 does not divide the width. */
export interface Shape {
  readonly depth: number;
  readonly width: number;
}

/** What a visitor could have been given, of the sizes that fit the download. */
const LIGHT: readonly Shape[] = [
  { depth: 4, width: 96 },
  { depth: 4, width: 128 },
  { depth: 6, width: 128 },
  { depth: 4, width: 192 },
];
const HEAVY: readonly Shape[] = [
  { depth: 8, width: 256 },
  { depth: 10, width: 256 },
];
const BATCHES = [1, 16] as const;
const TAU = 0.7;

export interface ShapeReport {
  readonly light: Shape;
  readonly heavy: Shape;
  /** By batch size: r = light / heavy, of medians, and the speed-up at tau = 0.7 that follows, steps alone. */
  readonly at: Readonly<Record<number, { readonly costRatio: number; readonly predicted: number }>>;
}

const nameOf = ({ depth, width }: Shape) => `${depth}x${width}`;

/** The network of a shape for latents 16×16×4. What its weights say has no bearing on its time; these are noise. */
function network({ depth, width }: Shape): DiT {
  const config: DiTConfig = {
    input_size: 16,
    patch_size: 2,
    in_channels: 4,
    hidden_size: width,
    depth,
    num_heads: width / (width % 64 === 0 ? 64 : 48),
    mlp_ratio: 4,
    num_classes: 8,
    class_dropout_prob: 0.1,
    learn_sigma: false,
  };
  const weights = new Map<string, WeightArray>();
  for (const [name, shape] of ditSpec(config)) {
    if (name === POS_EMBED) continue;
    const data = normals(
      weights.size,
      0,
      shape.reduce((size, n) => size * n, 1),
    ).map((value) => value * 0.02);
    weights.set(name, { shape, values: data });
  }
  return createDiT(config, weights);
}

async function stepMs(model: DiT, batch: number): Promise<number> {
  const size = { channels: 4, height: 16, width: 16 };
  const x = initialNoise(
    Array.from({ length: batch }, (_, seed) => seed),
    size,
  );
  const times = [0, 0.2, 0.4, 0.6];
  const trajectory = model.begin(times, new Array<number>(batch).fill(0), 1);
  const started = performance.now();
  for (let i = 0; i < times.length; i++) {
    const velocity = trajectory.velocity(i, x);
    await velocity.data();
    velocity.dispose();
  }
  const ms = performance.now() - started;
  trajectory.end();
  x.dispose();
  return ms / times.length;
}

/** What each pair of a light and a heavy shape would cost: every shape timed in turn, in one run. */
export async function compareShapes(
  rounds: number,
  log: (line: string) => void,
): Promise<readonly ShapeReport[]> {
  const timings: Record<number, Record<string, Timing>> = {};
  for (const batch of BATCHES) {
    const models = [...LIGHT, ...HEAVY].map((shape) => ({ name: nameOf(shape), model: network(shape) }));
    const tasks = Object.fromEntries(models.map(({ name, model }) => [name, () => stepMs(model, batch)]));
    timings[batch] = await alternate(tasks, rounds, 1);
    for (const { model } of models) model.dispose();
  }
  return HEAVY.flatMap((heavy) =>
    LIGHT.map((light) => {
      const at = Object.fromEntries(
        BATCHES.map((batch) => {
          const costRatio = timings[batch][nameOf(light)].medianMs / timings[batch][nameOf(heavy)].medianMs;
          return [batch, { costRatio, predicted: predictedSpeedUp(TAU, costRatio) }];
        }),
      );
      log(
        `light ${nameOf(light)}, heavy ${nameOf(heavy)}: ${BATCHES.map(
          (batch) =>
            `batch ${batch}: r = ${at[batch].costRatio.toFixed(3)}, ${at[batch].predicted.toFixed(2)}x at tau ${TAU}`,
        ).join("; ")}`,
      );
      return { light, heavy, at };
    }),
  );
}
