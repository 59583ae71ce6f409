import { add, mul, sigmoid, square, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { defineKernel } from "./route.ts";

export const SQRT_8_OVER_PI = Math.sqrt(8 / Math.PI);
export const CUBIC = 0.044715;

/** GELU in its tanh form, y = x/2·(1 + tanh u), u = √(2/π)·(x + 0.044715·x³); any rows and columns. The caller
 *  disposes y. Source: Hendrycks and Gimpel 2016, arXiv 1606.08415.
 *  Computed as y = x·σ(2u), which is the same function since 1 + tanh u = 2·σ(2u): there is no cancellation for
 *  large negative u, and on tfjs-wasm σ takes a fifteenth of the time of tanh. */
export const geluTanh = defineKernel(
  "geluTanh",
  (x: Tensor2D): Tensor2D =>
    tidy(() => {
      const twiceU = mul(x, add(mul(square(x), SQRT_8_OVER_PI * CUBIC), SQRT_8_OVER_PI));
      return mul(x, sigmoid(twiceU));
    }),
);
