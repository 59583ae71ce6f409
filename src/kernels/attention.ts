import {
  concat,
  matMul,
  mul,
  reshape,
  softmax,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { flatRange } from "./flatRange.ts";
import { defineKernel } from "./route.ts";

/** softmax(q·kᵀ/√d)·v for every head; qkv [B·N,3·H·d] with columns ordered (q|k|v, head, channel), result
 *  [B·N,H·d] with columns (head, channel). The caller disposes the result. Source: Vaswani et al. 2017, eq. 1. */
export const attention = defineKernel(
  "attention",
  (qkv: Tensor2D, batch: number, heads: number): Tensor2D =>
    tidy(() => {
      const [tokens, d] = [qkv.shape[0] / batch, qkv.shape[1] / (3 * heads)];
      const byPart = transpose(reshape(qkv, [batch, tokens, 3, heads, d]), [2, 0, 3, 1, 4]); // [3,B,H,N,d]
      const stackSize = batch * heads * tokens * d;
      const part = (index: number): Tensor3D =>
        flatRange(byPart, index * stackSize, [batch * heads, tokens, d]);
      const weights = softmax(mul(matMul(part(0), part(1), false, true), 1 / Math.sqrt(d))); // [B·H,N,N]
      return mergeHeads(matMul(weights, part(2)), batch, heads);
    }),
);

/** The same from one two-dimensional product a head. tfjs-wasm 4.22 multiplies batched matrices without its fast
 *  library: at N = 64, d = 64 that takes several times as long as a loop over the heads. */
function attentionHeadByHead(qkv: Tensor2D, batch: number, heads: number): Tensor2D {
  return tidy(() => {
    const [tokens, width] = [qkv.shape[0] / batch, qkv.shape[1] / 3];
    const d = width / heads;
    const stack = transpose(reshape(qkv, [batch, tokens, 3 * heads, d]), [0, 2, 1, 3]); // [B,3·H,N,d]
    const matrix = (index: number): Tensor2D => flatRange(stack, index * tokens * d, [tokens, d]);
    const oneHead = (index: number) =>
      tidy((): Tensor2D => {
        const first = Math.floor(index / heads) * 3 * heads + (index % heads);
        const scores = matMul<Tensor2D>(matrix(first), transpose(matrix(first + heads))); // [N,N]
        return matMul(softmax(mul(scores, 1 / Math.sqrt(d))), matrix(first + 2 * heads)); // [N,d]
      });
    const outputs = Array.from({ length: batch * heads }, (_, index) => oneHead(index));
    return mergeHeads(concat(outputs, 0), batch, heads);
  });
}
attention.setRoute("wasm", attentionHeadByHead);

/** B·H stacked matrices [N,d], in any shape of that order, to [B·N,H·d]. */
function mergeHeads(stack: Tensor, batch: number, heads: number): Tensor2D {
  const d = stack.shape[stack.shape.length - 1] ?? 0;
  const byHead = reshape(stack, [batch, heads, -1, d]);
  return reshape(transpose(byHead, [0, 2, 1, 3]), [-1, heads * d]);
}
