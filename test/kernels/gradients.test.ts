import {
  grads,
  mul,
  type Scalar,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
} from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { addAll } from "#kernels/addAll.ts";
import { attention } from "#kernels/attention.ts";
import { attentionGradient } from "#kernels/attentionGradient.ts";
import { geluTanh } from "#kernels/geluTanh.ts";
import { geluTanhGradient } from "#kernels/geluTanhGradient.ts";
import { linear } from "#kernels/linear.ts";
import { linearBiasGradient, linearInputGradient, linearWeightGradient } from "#kernels/linearGradients.ts";
import { modulatedLayerNorm } from "#kernels/modulatedLayerNorm.ts";
import { modulatedLayerNormGradient } from "#kernels/modulatedLayerNormGradient.ts";
import { silu } from "#kernels/silu.ts";
import { siluGradient } from "#kernels/siluGradient.ts";
import { transposed } from "#kernels/transposed.ts";
import { registerDiTGradients } from "../../cli/parity/gradients.ts";
import { BACKENDS, expectNoLeak, useBackend } from "../models/support/backends.ts";
import { expectValuesClose } from "../models/support/golden.ts";

/** float32 sums of up to 130 terms of order 1, in another order. */
const ROUNDING = { atol: 1e-5, rtol: 1e-5 };

const EXACT = { atol: 0, rtol: 0 };

const matrix = (seed: number, rows: number, columns: number): Tensor2D =>
  tensor2d(normals(seed, 0, rows * columns), [rows, columns]);
const tokens = (seed: number, B: number, N: number, D: number): Tensor3D =>
  tensor3d(normals(seed, 0, B * N * D), [B, N, D]);

/** Gradients of Σ y∘dy by tfjs's tape, the reference of the written-out ones. */
function taped<T extends Tensor>(y: (...inputs: Tensor[]) => T, dy: T, inputs: readonly Tensor[]): Tensor[] {
  return grads((...given: Tensor[]): Scalar => sum(mul(y(...given), dy)))([...inputs]);
}

function expectGradients(got: Readonly<Record<string, Tensor>>, want: readonly Tensor[]): void {
  Object.entries(got).forEach(([name, gradient], index) => {
    expectValuesClose(name, gradient.dataSync(), want[index].dataSync(), ROUNDING);
  });
}

describe.each(BACKENDS)("gradients written out, on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
    registerDiTGradients();
  });

  /** Runs a comparison and expects nothing to be left of it. */
  const check = (compare: () => void) => expectNoLeak(() => void tidy(compare));

  test.each([
    [1, 1, 1],
    [65, 7, 130],
    [3, 40, 200],
  ])("those of a linear layer equal the tape's: %i rows, %i to %i", async (rows, inputs, outputs) => {
    await check(() => {
      const [x, w, dy] = [matrix(1, rows, inputs), matrix(2, inputs, outputs), matrix(3, rows, outputs)];
      const b = tensor1d(normals(4, 0, outputs));
      const want = taped((x, w, b) => linear(x as Tensor2D, w as Tensor2D, b as Tensor1D), dy, [x, w, b]);
      const bias = linearBiasGradient(dy);
      expect(bias.shape).toEqual([outputs]);
      expectGradients({ x: linearInputGradient(dy, w), weight: linearWeightGradient(x, dy), bias }, want);
    });
  });

  test.each([
    [1, 1, 1, 1],
    [2, 65, 3, 7],
    [3, 16, 4, 64],
  ])("that of attention equals the tape's: batch %i, %i tokens, %i heads of %i", async (B, N, H, d) => {
    await check(() => {
      const [qkv, dy] = [matrix(1, B * N, 3 * H * d), matrix(2, B * N, H * d)];
      const want = taped((qkv) => attention.reference(qkv as Tensor2D, B, H), dy, [qkv]);
      expectGradients({ qkv: attentionGradient(qkv, dy, B, H) }, want);
    });
  });

  test("that of the modulated LayerNorm equals the tape's", async () => {
    await check(() => {
      const [x, dy] = [tokens(1, 3, 5, 24), tokens(2, 3, 5, 24)];
      const [shift, scale] = [tokens(3, 3, 1, 24), tokens(4, 3, 1, 24)];
      const y = (x: Tensor, shift: Tensor, scale: Tensor) =>
        modulatedLayerNorm(x as Tensor3D, shift as Tensor3D, scale as Tensor3D);
      expectGradients(modulatedLayerNormGradient(x, scale, dy), taped(y, dy, [x, shift, scale]));
    });
  });

  test("those of GELU and SiLU equal the tape's, far from 0 too", async () => {
    await check(() => {
      const x = mul(matrix(1, 7, 33), 6) as Tensor2D;
      const dy = matrix(2, 7, 33);
      expectGradients(
        { gelu: geluTanhGradient(x, dy) },
        taped((x) => geluTanh(x as Tensor2D), dy, [x]),
      );
      expectGradients(
        { silu: siluGradient(x, dy) },
        taped((x) => silu(x as Tensor2D), dy, [x]),
      );
    });
  });

  test.each([1, 2, 20])("the sum of %i tensors is the sum of their numbers", async (count) => {
    await check(() => {
      const parts = Array.from({ length: count }, (_, seed) => matrix(seed, 3, 5));
      const want = Array.from({ length: 15 }, (_, i) =>
        parts.reduce((total, part) => total + part.dataSync()[i], 0),
      );
      expectValuesClose("sum", addAll(parts).dataSync(), want, ROUNDING);
    });
  });

  test.each([
    [1, 1],
    [3, 50],
    [321, 500],
  ])("a transposed matrix of %i × %i has its numbers where they belong", async (rows, columns) => {
    await check(() => {
      const x = matrix(1, rows, columns);
      const got = transposed(x);
      expect(got.shape).toEqual([columns, rows]);
      expectValuesClose("transposed", got.dataSync(), transposed.reference(x).dataSync(), EXACT);
      const dy = matrix(2, columns, rows);
      expectGradients(
        { x: transposed(dy) },
        taped((x) => transposed(x as Tensor2D), dy, [x]),
      );
    });
  });
});
