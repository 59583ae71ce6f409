import { type LatentShape, noiseLatents } from "#flow/noise.ts";
import { permutation } from "#flow/permutation.ts";
import { STREAMS, uniforms } from "#flow/uniforms.ts";

/** The chance of one step. Slot b of step s is place p = s·batch + b of the whole run, and every number depends on the
 *  seed and p alone: neither on micro-batches nor on where a run was resumed. */
export interface StepDraw {
  readonly step: number;
  /** Place among `samples` for each slot: every sample once an epoch, in an order by stream 3 (numbers e·samples … of
   *  epoch e). */
  readonly places: Uint32Array;
  /** u ~ U(0,1) of each slot, for its time: number p of stream 2. */
  readonly times: Float64Array;
  /** u ~ U(0,1) of each slot, for dropping its label: number p of stream 5. */
  readonly dropouts: Float64Array;
  /** Noise of slots from … to−1 [to−from,H,W,C]: latent p of stream 1. */
  noise(from: number, to: number): Float32Array;
}

/** Draws steps of a run on `samples` samples, any step at any time. Throws SeedError. */
export function stepDraws(
  seed: number,
  batch: number,
  samples: number,
  shape: LatentShape,
): (step: number) => StepDraw {
  const epochs = new Map<number, Uint32Array>();
  const epoch = (number: number): Uint32Array => {
    const known = epochs.get(number);
    if (known) return known;
    if (epochs.size > 1) epochs.clear(); // a batch lies in one epoch or two
    const order = permutation(seed, STREAMS.shuffle, samples, number * samples);
    epochs.set(number, order);
    return order;
  };
  return (step) => {
    const first = step * batch;
    return {
      step,
      places: Uint32Array.from({ length: batch }, (_, slot) => {
        const place = first + slot;
        return epoch(Math.floor(place / samples))[place % samples];
      }),
      times: uniforms(seed, STREAMS.trainingTime, batch, first),
      dropouts: uniforms(seed, STREAMS.augmentation, batch, first),
      noise: (from, to) => noiseLatents(seed, STREAMS.trainingNoise, first + from, to - from, shape),
    };
  };
}
