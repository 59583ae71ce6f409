import type { Tensor4D } from "@tensorflow/tfjs-core";

/** Velocity dx/dt at (x, t); x and result [B,H,W,C], t in [0,1]: 0 is noise, 1 is data.
 *  The caller disposes the result. */
export type VelocityField = (x: Tensor4D, t: number) => Tensor4D | Promise<Tensor4D>;

/** A velocity, and the state that it leads to. */
export interface Moved {
  readonly velocity: Tensor4D;
  /** base + factor · velocity */
  readonly x: Tensor4D;
}

/** A velocity model prepared for one trajectory: everything that depends on time, label and
 *  guidance alone is already computed. */
export interface Trajectory {
  /** Guided velocity v_u + w (v_c - v_u) at the state x and the time `times[i]` given to `begin`.
   *  x and result [B,H,W,C], B = number of labels. The caller disposes the result. */
  velocity(i: number, x: Tensor4D): Tensor4D | Promise<Tensor4D>;
  /** The same velocity, and base + factor · velocity beside it; base of x's shape, often x itself. Offered by networks whose last
   *  kernel can write both at once; for others a solver adds up. The state may differ from that sum by the rounding of one
   *  multiply-add. The caller disposes both. */
  move?(i: number, x: Tensor4D, base: Tensor4D, factor: number): Moved | Promise<Moved>;
  /** Releases what `begin` prepared. Further calls of `velocity` are an error. */
  end(): void;
}

/** What solvers know of a network. Another engine (own wasm, onnxruntime) can stand in. */
export interface VelocityModel {
  /** Prepares the evaluations of one trajectory.
   *  times: one per evaluation, in evaluation order, each in [0,1]; labels: one per sample of the
   *  batch, 0 … num_classes (num_classes is the null label); guidance w: 1 is one network pass an
   *  evaluation, any other value two. */
  begin(
    times: readonly number[],
    labels: readonly number[],
    guidance: number,
  ): Trajectory | Promise<Trajectory>;
}

/** Network passes that one guided evaluation costs (1 NFE, 1 or 2 passes; method §2). */
export const passesPerEvaluation = (guidance: number): 1 | 2 => (guidance === 1 ? 1 : 2);
