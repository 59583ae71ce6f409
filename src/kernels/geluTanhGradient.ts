import { add, mul, sigmoid, square, sub, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { CUBIC, SQRT_8_OVER_PI } from "./geluTanh.ts";
import { defineKernel } from "./route.ts";

/** ∂loss/∂x of y = geluTanh(x) = x·σ(2u), 2u = x·(a + b·x²), for dy = ∂loss/∂y:
 *  dy·(σ + x·σ·(1 − σ)·(a + 3b·x²)), a = √(8/π), b = 0.044715·a; any rows and columns. The caller disposes it. */
export const geluTanhGradient = defineKernel(
  "geluTanhGradient",
  (x: Tensor2D, dy: Tensor2D): Tensor2D =>
    tidy(() => {
      const cubic = mul(square(x), SQRT_8_OVER_PI * CUBIC); // b·x²
      const gate: Tensor2D = sigmoid(mul(x, add(cubic, SQRT_8_OVER_PI)));
      const slope = mul(x, add(mul(cubic, 3), SQRT_8_OVER_PI));
      return mul(dy, mul(gate, add(mul(slope, sub(1, gate)), 1)));
    }),
);
