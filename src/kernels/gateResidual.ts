import { add, mul, type Tensor3D, tidy } from "@tensorflow/tfjs-core";
import { defineKernel } from "./route.ts";

/** y = x + gate·branch; x, branch, y [B,N,D], gate [B,1,D] or [1,1,D]. The caller disposes y. */
export const gateResidual = defineKernel(
  "gateResidual",
  (x: Tensor3D, gate: Tensor3D, branch: Tensor3D): Tensor3D => tidy(() => add(x, mul(gate, branch))),
);
