import { add, mul, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { VelocityField, VelocityModel } from "#flow/field.ts";

/** What a model was asked for, in order. */
export interface Calls {
  readonly begun: { times: readonly number[]; labels: readonly number[]; guidance: number }[];
  readonly indices: number[];
  ended: number;
}

export const noCalls = (): Calls => ({ begun: [], indices: [], ended: 0 });

/** A model that answers with a field and notes its calls. */
export function modelOf(field: VelocityField, calls: Calls = noCalls()): VelocityModel {
  return {
    begin(times, labels, guidance) {
      calls.begun.push({ times, labels, guidance });
      return {
        velocity(i, x) {
          calls.indices.push(i);
          const t = times[i];
          if (t === undefined) throw new RangeError(`evaluation ${i} was not announced`);
          return field(x, t);
        },
        end() {
          calls.ended++;
        },
      };
    },
  };
}

/** The same model, which writes states beside its velocities, as networks on a GPU do; `moves` gets the factors. Only fields
 *  that answer at once. */
export function movingModelOf(field: VelocityField, moves: number[] = [], calls = noCalls()): VelocityModel {
  const plain = modelOf(field, calls);
  return {
    async begin(times, labels, guidance) {
      const trajectory = await plain.begin(times, labels, guidance);
      return {
        ...trajectory,
        move(i, x, base, factor) {
          moves.push(factor);
          const velocity = trajectory.velocity(i, x);
          if (velocity instanceof Promise) throw new TypeError("a field that answers at once was expected");
          return { velocity, x: tidy(() => add(base, mul(velocity, factor))) };
        },
      };
    },
  };
}

/** dx/dt = rate · x, whose solution is x0 exp(rate · t). */
export const exponential =
  (rate: number): VelocityField =>
  (x: Tensor4D) =>
    mul(x, rate);
