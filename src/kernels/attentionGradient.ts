import {
  concat,
  matMul,
  mul,
  reshape,
  softmax,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { flatRange } from "./flatRange.ts";
import { defineKernel } from "./route.ts";

/** ∂loss/∂qkv [B·N,3·H·d] of `attention` for dy = ∂loss/∂y [B·N,H·d]. With the weights P = softmax(s·q·kᵀ), s = 1/√d,
 *  of one head:  dv = Pᵀ·dy · dP = dy·vᵀ · dS = P∘(dP − Σ over columns of P∘dP) · dq = s·dS·k · dk = s·dSᵀ·q.
 *  The weights are computed again: keeping them would hold B·H·N² numbers a layer. The caller disposes the result. */
export const attentionGradient = defineKernel(
  "attentionGradient",
  (qkv: Tensor2D, dy: Tensor2D, batch: number, heads: number): Tensor2D =>
    tidy(() => {
      const [tokens, d] = [qkv.shape[0] / batch, qkv.shape[1] / (3 * heads)];
      const byPart = transpose(reshape(qkv, [batch, tokens, 3, heads, d]), [2, 0, 3, 1, 4]); // [3,B,H,N,d]
      const stackSize = batch * heads * tokens * d;
      const part = (index: number): Tensor3D =>
        flatRange(byPart, index * stackSize, [batch * heads, tokens, d]);
      const [q, k, v] = [part(0), part(1), part(2)];
      const g: Tensor3D = reshape(headsFirst(dy, batch, heads), [batch * heads, tokens, d]);
      const scale = 1 / Math.sqrt(d);
      const weights = softmax(mul(matMul(q, k, false, true), scale)); // [B·H,N,N]
      const dScores = mul(scoreGradient(weights, matMul(g, v, false, true)), scale);
      const stacked = concat(
        [matMul(dScores, k), matMul(dScores, q, true, false), matMul(weights, g, true, false)],
        0,
      ); // [3·B·H,N,d]
      const apart = reshape(stacked, [3, batch, heads, tokens, d]);
      return reshape(transpose(apart, [1, 3, 0, 2, 4]), qkv.shape);
    }),
);

/** The same head by head from two-dimensional products, as `attention` does on tfjs-wasm and for its reasons. */
function attentionGradientHeadByHead(qkv: Tensor2D, dy: Tensor2D, batch: number, heads: number): Tensor2D {
  return tidy(() => {
    const [tokens, d] = [qkv.shape[0] / batch, qkv.shape[1] / (3 * heads)];
    const stack = headsFirst(qkv, batch, 3 * heads); // [B,3·H,N,d]
    const stackOfDy = headsFirst(dy, batch, heads); // [B,H,N,d]
    const matrix = (of: Tensor, index: number): Tensor2D => flatRange(of, index * tokens * d, [tokens, d]);
    const scale = 1 / Math.sqrt(d);
    const oneHead = (index: number) =>
      tidy((): [Tensor2D, Tensor2D, Tensor2D] => {
        const first = Math.floor(index / heads) * 3 * heads + (index % heads);
        const [q, k, v] = [0, 1, 2].map((part) => matrix(stack, first + part * heads));
        const g = matrix(stackOfDy, index);
        const weights = softmax(mul(matMul<Tensor2D>(q, transpose(k)), scale)); // [N,N]
        const dScores: Tensor2D = mul(scoreGradient(weights, matMul<Tensor2D>(g, transpose(v))), scale);
        return [matMul(dScores, k), matMul(transpose(dScores), q), matMul(transpose(weights), g)]; // [N,d] each
      });
    const perHead = Array.from({ length: batch * heads }, (_, index) => oneHead(index));
    const ordered: Tensor2D[] = [];
    for (let b = 0; b < batch; b++)
      for (const part of [0, 1, 2])
        for (let h = 0; h < heads; h++) ordered.push(perHead[b * heads + h][part]);
    const apart = reshape(concat(ordered, 0), [batch, 3 * heads, tokens, d]);
    return reshape(transpose(apart, [0, 2, 1, 3]), qkv.shape);
  });
}
attentionGradient.setRoute("wasm", attentionGradientHeadByHead);

/** P∘(dP − Σ over columns of P∘dP): through the softmax of each row. */
const scoreGradient = <T extends Tensor>(weights: T, dWeights: T): T =>
  mul(weights, sub(dWeights, sum(mul(weights, dWeights), -1, true)));

/** [B·N,H·d] → [B,H,N,d]. */
function headsFirst(rows: Tensor2D, batch: number, heads: number): Tensor {
  const [tokens, d] = [rows.shape[0] / batch, rows.shape[1] / heads];
  return transpose(reshape(rows, [batch, tokens, heads, d]), [0, 2, 1, 3]);
}
