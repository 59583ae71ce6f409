import type { Family } from "#checkpoints/manifest.ts";
import { initialNoise } from "#flow/noise.ts";
import type { Decoder } from "#models/decoder.ts";
import type { VelocityNetwork } from "#workers/residents.ts";
import { alternate, type Timing } from "./statistics.ts";

export interface BenchModels {
  readonly decoder: Decoder;
  readonly light: VelocityNetwork;
  readonly heavy: VelocityNetwork;
}

export const BATCHES = [1, 4, 16] as const;
type Batch = (typeof BATCHES)[number];

export interface StepReport {
  /** Milliseconds of one evaluation, by batch size. Read-back of the velocity is inside the time. */
  readonly step: Readonly<Record<"light" | "heavy", Readonly<Record<Batch, Timing>>>>;
  /** Milliseconds of decoding one image, read-back included. */
  readonly decode: Timing;
  /** r = light / heavy, of medians. */
  readonly costRatio: Readonly<Record<Batch, number>>;
}

/** Evaluations that one measurement holds: a single light step is too short to be timed well. */
const EVALUATIONS = 4;

async function stepMs(model: VelocityNetwork, family: Family, batch: number): Promise<number> {
  const x = initialNoise(
    Array.from({ length: batch }, (_, seed) => seed),
    family.latent,
  );
  const times = Array.from({ length: EVALUATIONS }, (_, i) => i / EVALUATIONS);
  const trajectory = await model.begin(times, new Array<number>(batch).fill(0), 1);
  const started = performance.now();
  for (let i = 0; i < EVALUATIONS; i++) {
    const velocity = await trajectory.velocity(i, x);
    await velocity.data();
    velocity.dispose();
  }
  const ms = performance.now() - started;
  trajectory.end();
  x.dispose();
  return ms / EVALUATIONS;
}

/** Times light and heavy evaluations at each batch size, alternated. */
export async function measureSteps(
  family: Family,
  { decoder, light, heavy }: BenchModels,
  rounds: number,
  log: (line: string) => void,
): Promise<StepReport> {
  const step: { light: Partial<Record<Batch, Timing>>; heavy: Partial<Record<Batch, Timing>> } = {
    light: {},
    heavy: {},
  };
  const costRatio: Partial<Record<Batch, number>> = {};
  for (const batch of BATCHES) {
    const timings = await alternate(
      { light: () => stepMs(light, family, batch), heavy: () => stepMs(heavy, family, batch) },
      rounds,
      1,
    );
    step.light[batch] = timings.light;
    step.heavy[batch] = timings.heavy;
    costRatio[batch] = timings.light.medianMs / timings.heavy.medianMs;
    log(
      `batch ${batch}: light ${timings.light.medianMs.toFixed(1)} ms, heavy ${timings.heavy.medianMs.toFixed(1)} ms, r = ${costRatio[batch]?.toFixed(3)}`,
    );
  }
  const { decode } = await alternate({ decode: () => decodeMs(decoder, family) }, rounds, 1);
  log(`decode: ${decode.medianMs.toFixed(1)} ms an image`);
  return { step, decode, costRatio } as StepReport;
}

export async function decodeMs(decoder: Decoder, family: Family): Promise<number> {
  const latent = initialNoise([1], family.latent);
  const started = performance.now();
  const image = decoder.decode(latent);
  await image.data();
  const ms = performance.now() - started;
  image.dispose();
  latent.dispose();
  return ms;
}
