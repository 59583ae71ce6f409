import {
  grads,
  mul,
  type Rank,
  reshape,
  type Scalar,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor1d,
  tensor2d,
  tensor4d,
  tidy,
} from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { attention } from "#kernels/attention.ts";
import { flatRange } from "#kernels/flatRange.ts";
import { groupNorm } from "#kernels/groupNorm.ts";
import { patchify, unpatchify } from "#kernels/patches.ts";
import { selectRows } from "#kernels/selectRows.ts";
import { registerDiTGradients } from "../../cli/parity/gradients.ts";
import { expectNoLeak, useBackend } from "../models/support/backends.ts";
import { expectValuesClose } from "../models/support/golden.ts";

const random = (seed: number, ...shape: number[]) =>
  normals(
    seed,
    0,
    shape.reduce((a, b) => a * b, 1),
  );
/** float32 sums of up to 65 terms of order 1, in another order. */
const ROUNDING = { atol: 3e-6, rtol: 1e-5 };

describe("own routes on wasm", () => {
  beforeAll(async () => {
    await useBackend("wasm");
    registerDiTGradients();
  });

  test.each([
    [1, 1, 1, 1],
    [2, 65, 3, 7],
    [3, 16, 4, 64],
  ])(
    "attention head by head equals the batched product: batch %i, %i tokens, %i heads of %i",
    async (B, N, H, d) => {
      expect(attention.route()).toBe("own");
      await expectNoLeak(() =>
        tidy(() => {
          const qkv = tensor2d(random(1, B * N, 3 * H * d), [B * N, 3 * H * d]);
          const want = attention.reference(qkv, B, H).dataSync();
          expectValuesClose("attention", attention(qkv, B, H).dataSync(), want, ROUNDING);
        }),
      );
    },
  );

  test("attention head by head has the gradient of the batched product", async () => {
    const [B, N, H, d] = [2, 5, 2, 3];
    await expectNoLeak(() =>
      tidy(() => {
        const qkv = tensor2d(random(2, B * N, 3 * H * d), [B * N, 3 * H * d]);
        const direction = tensor2d(random(3, B * N, H * d), [B * N, H * d]);
        const gradient = (route: (x: Tensor2D, batch: number, heads: number) => Tensor2D): Tensor => {
          const along = (x: Tensor): Scalar => sum(mul(route(x as Tensor2D, B, H), direction));
          return grads(along)([qkv])[0];
        };
        const want = gradient(attention.reference).dataSync();
        expectValuesClose("gradient", gradient(attention).dataSync(), want, ROUNDING);
      }),
    );
  });

  test.each([
    [1, 1, 4, 4],
    [2, 7, 12, 4],
    [1, 64, 24, 8],
  ])(
    "pooled group norm equals the reference: batch %i, side %i, %i channels in %i groups",
    async (B, S, C, G) => {
      expect(groupNorm.route()).toBe("own");
      await expectNoLeak(() =>
        tidy(() => {
          const x = tensor4d(random(4, B, S, S, C), [B, S, S, C]);
          const [gamma, beta] = [tensor1d(random(5, C)), tensor1d(random(6, C))];
          const want = groupNorm.reference(x, gamma, beta, G, 1e-6).dataSync();
          expectValuesClose("groupNorm", groupNorm(x, gamma, beta, G, 1e-6).dataSync(), want, ROUNDING);
        }),
      );
    },
  );

  test("a flat range is a copy of that range, and its gradient is zero elsewhere", async () => {
    await expectNoLeak(() =>
      tidy(() => {
        const x = tensor2d([0, 1, 2, 3, 4, 5], [3, 2]);
        expect(flatRange<Rank.R2>(x, 1, [2, 2]).arraySync()).toEqual([
          [1, 2],
          [3, 4],
        ]);
        const weights = tensor1d([10, 20, 30]);
        const [dx] = grads((t: Tensor): Scalar => sum(mul(flatRange(t, 2, [3]), weights)))([x]);
        expect(dx.arraySync()).toEqual([
          [0, 0],
          [10, 20],
          [30, 0],
        ]);
      }),
    );
  });
});

describe.each(["cpu", "wasm"] as const)("shapes on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each([1, 2, 3])("unpatchify undoes patchify for patches of %i", async (patch) => {
    await expectNoLeak(() =>
      tidy(() => {
        const x: Tensor4D = tensor4d(random(7, 2, 6, 6, 4), [2, 6, 6, 4]);
        const rows = patchify(x, patch);
        const tokens = reshape<Rank.R3>(rows, [2, (6 / patch) ** 2, patch * patch * 4]);
        expect(unpatchify(tokens, patch).dataSync()).toEqual(x.dataSync());
      }),
    );
  });

  test("patches run along the row, their columns (dy, dx, channel)", () => {
    tidy(() => {
      const x = tensor4d(
        Float32Array.from({ length: 16 }, (_, i) => i),
        [1, 4, 4, 1],
      );
      expect(patchify(x, 2).arraySync()).toEqual([
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
      ]);
    });
  });

  test("selected rows are the table's rows bit for bit", () => {
    tidy(() => {
      const table = tensor2d(random(8, 5, 33), [5, 33]);
      const rows = selectRows([4, 0, 4], table).dataSync();
      const all = table.dataSync();
      expect([...rows]).toEqual([4, 0, 4].flatMap((row) => [...all.slice(row * 33, (row + 1) * 33)]));
    });
  });
});
