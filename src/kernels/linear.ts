import { fused, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import { defineKernel } from "./route.ts";

/** y = x·W + b; x [rows,in], W [in,out], b [out], y [rows,out]. The caller disposes y.
 *  Always two-dimensional, and W is stored as [in,out]: on tfjs-wasm 4.22 [B,M,K]×[1,K,N] and a transposed W
 *  leave the fast path (about ten times slower) and give other bits. */
export const linear = defineKernel(
  "linear",
  (x: Tensor2D, weight: Tensor2D, bias: Tensor1D): Tensor2D =>
    fused.matMul({ a: x, b: weight, bias }) as Tensor2D, // typed without its rank in tfjs
);
