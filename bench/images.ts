import type { Family } from "#checkpoints/manifest.ts";
import { uniformGrid } from "#flow/grid.ts";
import { initialNoise } from "#flow/noise.ts";
import { sample } from "#flow/sampler.ts";
import { alternate, type Timing } from "./statistics.ts";
import type { BenchModels } from "./steps.ts";

/** Switch times between the two ends. */
const TAUS = [0.3, 0.5, 0.7, 0.9] as const;
const BATCHED = 16;
/** Rounds of batches, which take minutes. */
const BATCHED_ROUNDS = 3;

/** Milliseconds an image of the family's default grid, solver and guidance; decoded only where it says so. */
export interface ImagesReport {
  readonly guidance: number;
  /** One at a time, decoding included: "heavy", "light", and coarse-to-fine by its switch time. */
  readonly alone: Readonly<Record<string, Timing>>;
  /** Of 16 side by side, steps alone. */
  readonly batched: Readonly<Record<"heavy" | "0.7", Timing>>;
}

/** Whole images, every way to draw one after the other in each round. */
export async function measureImages(
  family: Family,
  models: BenchModels,
  rounds: number,
  log: (line: string) => void,
): Promise<ImagesReport> {
  const { solver, steps, guidance } = family.defaults;
  const run = async (choice: "light" | "heavy" | "c2f", tau: number, count: number): Promise<number> => {
    const seeds = Array.from({ length: count }, (_, seed) => seed);
    const x0 = initialNoise(seeds, family.latent);
    const started = performance.now();
    const labels = seeds.map(() => 0);
    const { x1 } = await sample(x0, {
      models,
      choice,
      tau,
      grid: uniformGrid(steps),
      solver,
      labels,
      guidance,
    });
    const picture = count === 1 ? models.decoder.decode(x1) : x1;
    await picture.data();
    const ms = (performance.now() - started) / count;
    for (const tensor of new Set([x0, x1, picture])) tensor.dispose();
    return ms;
  };
  const alone = await alternate(
    {
      heavy: () => run("heavy", 0, 1),
      light: () => run("light", 1, 1),
      ...Object.fromEntries(TAUS.map((tau) => [String(tau), () => run("c2f", tau, 1)])),
    },
    rounds,
    1,
  );
  for (const [name, { medianMs }] of Object.entries(alone))
    log(`an image, ${name}: ${medianMs.toFixed(0)} ms`);
  const batched = await alternate(
    { heavy: () => run("heavy", 0, BATCHED), "0.7": () => run("c2f", 0.7, BATCHED) },
    Math.min(rounds, BATCHED_ROUNDS),
    0,
  );
  log(`16 images, τ = 0.7: ${(batched.heavy.medianMs / batched["0.7"].medianMs).toFixed(2)}× faster`);
  return { guidance, alone, batched };
}
