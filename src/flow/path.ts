import {
  add,
  div,
  mul,
  reshape,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";

/** Two tensors that must have one shape do not: tfjs would broadcast without a word. */
export class ShapeError extends RangeError {
  override readonly name = "ShapeError";
  constructor(where: string, shape: readonly number[], other: readonly number[]) {
    super(`${where}: shapes [${shape}] and [${other}] differ`);
  }
}

/** Throws ShapeError unless all shapes are equal. */
export function assertSameShape(where: string, first: Tensor, ...others: readonly Tensor[]): void {
  for (const other of others) {
    if (first.shape.length !== other.shape.length || first.shape.some((size, i) => size !== other.shape[i])) {
      throw new ShapeError(where, first.shape, other.shape);
    }
  }
}

/** A time for the whole batch, or one per sample [B]; in [0,1]: 0 is noise, 1 is data. */
export type Times = number | Tensor1D;

/** t as [B,1,1,1], to multiply states with. */
function overState(where: string, t: Tensor1D, state: Tensor4D): Tensor4D {
  if (t.shape[0] !== state.shape[0]) throw new ShapeError(where, t.shape, [state.shape[0]]);
  return reshape(t, [-1, 1, 1, 1]);
}

/** s ∘ state, for one time-like factor or one a sample. */
const scaled = (where: string, state: Tensor4D, s: Times): Tensor4D =>
  mul(state, typeof s === "number" ? s : overState(where, s, state));

const oneMinus = (t: Times): Times => (typeof t === "number" ? 1 - t : sub(1, t));

/** Point x_t = t x1 + (1 − t) x0 on the straight path from noise x0 to data x1, exact at both ends.
 *  x0, x1 and result [B,H,W,C]. The caller disposes the result. Throws ShapeError.
 *  Source: Liu et al. 2022, arXiv 2209.03003, eq. 1. */
export function pointOnPath(x0: Tensor4D, x1: Tensor4D, t: Times): Tensor4D {
  assertSameShape("pointOnPath", x0, x1);
  return tidy(() => add(scaled("pointOnPath", x1, t), scaled("pointOnPath", x0, oneMinus(t))));
}

/** Velocity u = x1 − x0 of that path, the target of the loss. The caller disposes it. Throws ShapeError. */
export function targetVelocity(x0: Tensor4D, x1: Tensor4D): Tensor4D {
  assertSameShape("targetVelocity", x0, x1);
  return sub(x1, x0);
}

/** Data estimate x̂1 = x + (1 − t) v: where the path ends if v stays. [B,H,W,C]; the caller disposes it.
 *  Throws ShapeError. */
export function x1Hat(x: Tensor4D, v: Tensor4D, t: Times): Tensor4D {
  assertSameShape("x1Hat", x, v);
  return tidy(() => add(x, scaled("x1Hat", v, oneMinus(t))));
}

/** Noise estimate x̂0 = x − t v: where the path began if v was constant. [B,H,W,C]; the caller disposes
 *  it. Throws ShapeError. */
export function x0Hat(x: Tensor4D, v: Tensor4D, t: Times): Tensor4D {
  assertSameShape("x0Hat", x, v);
  return tidy(() => sub(x, scaled("x0Hat", v, t)));
}

/** Score ∇ log p_t(x) = (t v − x) / (1 − t), for t < 1. [B,H,W,C]; the caller disposes it.
 *  Throws ShapeError. Source: method §1. */
export function score(x: Tensor4D, v: Tensor4D, t: Times): Tensor4D {
  assertSameShape("score", x, v);
  return tidy(() => {
    const numerator = sub(scaled("score", v, t), x);
    const rest = oneMinus(t);
    return div(numerator, typeof rest === "number" ? rest : overState("score", rest, x));
  });
}
