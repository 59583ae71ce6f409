import {
  add,
  div,
  expandDims,
  matMul,
  mul,
  neg,
  reciprocal,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tidy,
} from "@tensorflow/tfjs-core";

/** Weights λ_i = softmax_i(−‖x − t x_i‖² / (2 (1 − t)²)): how much sample i of the data has to say at
 *  (x, t). data [N,D], x [B,D], t [B] in [0,1); result [B,N]. Differences are taken before they are squared
 *  (B·N·D numbers), since the expanded form loses all digits as t nears 1. The caller disposes the result.
 *  Source: method §7. */
export function optimalWeights(data: Tensor2D, x: Tensor2D, t: Tensor1D): Tensor2D {
  return tidy(() => {
    const tColumn = expandDims<Tensor2D>(t, 1); // [B,1]
    const scaledData = mul<Tensor3D>(expandDims(tColumn, 2), expandDims(data, 0)); // [B,N,D]
    const squared = sum<Tensor2D>(square(sub(expandDims(x, 1), scaledData)), 2); // [B,N]
    return softmax(neg(div(squared, mul(square(sub(1, tColumn)), 2))), 1); // [B,N], maximum subtracted inside
  });
}

/** Optimal velocity of a finite data set, u* = Σ λ_i (x_i − x) / (1 − t), for `weights` λ [B,N] from
 *  `optimalWeights`. data [N,D], x [B,D], t [B] in [0,1); result [B,D]. The caller disposes it. */
export function optimalVelocity(weights: Tensor2D, data: Tensor2D, x: Tensor2D, t: Tensor1D): Tensor2D {
  return tidy(() => div(sub(matMul(weights, data), x), sub(1, expandDims(t, 1))));
}

/** Effective number of samples n_eff = 1 / Σ λ², between 1 and N. weights [B,N]; result [B], the caller's. */
export function effectiveSamples(weights: Tensor2D): Tensor1D {
  return tidy(() => reciprocal(sum<Tensor1D>(square(weights), 1)));
}

/** Gaussian data N(mean, U Λ Uᵀ). */
export interface GaussianData {
  /** [D] */
  readonly mean: Tensor1D;
  /** U [D,D]: columns are eigenvectors of the covariance. */
  readonly eigenvectors: Tensor2D;
  /** Λ [D], each ≥ 0. */
  readonly eigenvalues: Tensor1D;
}

export interface GaussianState {
  /** [B,D] */
  readonly x: Tensor2D;
  /** dx/dt [B,D] */
  readonly velocity: Tensor2D;
}

/** Where the flow takes the noise x0 [B,D] by time t when the data is Gaussian, and how fast:
 *  x_t = t μ + U s Uᵀ x0 with s = √(t² Λ + (1 − t)²), dx/dt = μ + U s' Uᵀ x0 with s' = (t Λ − (1 − t)) / s.
 *  t in [0,1], below 1 where an eigenvalue is 0. The caller disposes both. Source: method §7. */
export function gaussianFlow(
  { mean, eigenvectors, eigenvalues }: GaussianData,
  x0: Tensor2D,
  t: number,
): GaussianState {
  return tidy(() => {
    const inBasis = matMul(x0, eigenvectors); // [B,D], rows Uᵀ x0
    const fromBasis = (rows: Tensor2D): Tensor2D => matMul(rows, eigenvectors, false, true);
    const s = sqrt(add(mul(eigenvalues, t * t), (1 - t) ** 2)); // [D]
    const sDot = div(sub(mul(eigenvalues, t), 1 - t), s); // [D]
    return {
      x: add<Tensor2D>(mul(mean, t), fromBasis(mul(inBasis, s))),
      velocity: add<Tensor2D>(mean, fromBasis(mul(inBasis, sDot))),
    };
  });
}
