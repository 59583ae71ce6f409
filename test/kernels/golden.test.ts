import {
  reshape,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { conv2d, downsampleAsymmetric, downsampleSymmetric, upsampleConv } from "#kernels/conv2d.ts";
import { geluTanh } from "#kernels/geluTanh.ts";
import { groupNorm } from "#kernels/groupNorm.ts";
import { layerNorm } from "#kernels/layerNorm.ts";
import { positionTable } from "#kernels/positionTable.ts";
import { rgb8 } from "#kernels/rgb8.ts";
import { silu } from "#kernels/silu.ts";
import { ditTimeFeatures, unetTimeFeatures } from "#kernels/timeFeatures.ts";
import { vqLookup } from "#kernels/vqLookup.ts";
import { toEngineLayout } from "#models/layout.ts";
import { BACKENDS, expectNoLeak, useBackend } from "../models/support/backends.ts";
import { expectClose, expectValuesClose, readGolden, toNHWC, toTensor } from "../models/support/golden.ts";

interface OpsConfig {
  readonly groups: number;
  readonly pos_embed_dim: number;
  readonly pos_embed_grid: number;
}
const golden = readGolden<OpsConfig>("00_ops");
const vector = (name: string) => toTensor(golden.at(name)) as Tensor1D;

describe.each(BACKENDS)("operations on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("layer norm keeps eps 1e-6 apart from 1e-5 on rows of tiny variance", async () => {
    await expectNoLeak(() =>
      tidy(() => {
        const x: Tensor3D = reshape(toTensor(golden.at("in.ln_x")), [1, 4, 12]);
        expectClose("layer_norm", layerNorm(x), golden.at("out.layer_norm"), golden.tight);
      }),
    );
  });

  test.each([
    ["eps1em6", 1e-6],
    ["eps1em5", 1e-5],
  ])(
    "group norm with %s gives the golden numbers by its own route and by the reference",
    async (name, eps) => {
      await expectNoLeak(() =>
        tidy(() => {
          const x = toNHWC(golden.at("in.gn_x"));
          for (const route of [groupNorm, groupNorm.reference]) {
            const got = route(x, vector("in.gn_weight"), vector("in.gn_bias"), golden.config.groups, eps);
            expectClose(name, got, golden.at(`out.group_norm_${name}`), golden.tight);
          }
        }),
      );
    },
  );

  test("GELU through the logistic function is the tanh form", () => {
    tidy(() => {
      const u: Tensor2D = reshape(toTensor(golden.at("in.u")), [7, 7]);
      expectClose("gelu_tanh", geluTanh(u), golden.at("out.gelu_tanh"), golden.tight);
    });
  });

  test("SiLU", () => {
    tidy(() => expectClose("silu", silu(vector("in.u")), golden.at("out.silu"), golden.tight));
  });

  test("both downsamplings and the up-convolution pad as the golden ones do", async () => {
    await expectNoLeak(() =>
      tidy(() => {
        const filter = toTensor(toEngineLayout(golden.at("in.conv_weight"), "filter")) as Tensor4D;
        const bias = vector("in.conv_bias");
        const [even, odd] = [toNHWC(golden.at("in.image_even")), toNHWC(golden.at("in.image_odd"))];
        const { tight } = golden;
        const asymmetric = downsampleAsymmetric(even, filter, bias);
        expectClose("down_asymmetric", asymmetric, golden.at("out.down_asymmetric"), tight);
        expectClose(
          "down_symmetric",
          downsampleSymmetric(even, filter, bias),
          golden.at("out.down_symmetric"),
          tight,
        );
        expectClose("up_conv", upsampleConv(odd, filter, bias), golden.at("out.up_conv"), tight);
        expect(conv2d(odd, filter, bias).shape).toEqual([1, 5, 4, 3]);
      }),
    );
  });
});

test("time features of both networks", () => {
  const times = [...golden.at("in.t").values];
  expectValuesClose("time_dit", ditTimeFeatures(times), golden.at("out.time_dit").values, golden.tight);
  expectValuesClose("time_unet", unetTimeFeatures(times), golden.at("out.time_unet").values, golden.tight);
});

test("the position table encodes the column first", () => {
  const { pos_embed_dim: width, pos_embed_grid: grid } = golden.config;
  expectValuesClose("pos_embed", positionTable(width, grid), golden.at("out.pos_embed").values, golden.tight);
});

test("the nearest code wins, and of two equally near ones the lower index", () => {
  const codebook = golden.at("in.codebook");
  const got = vqLookup(golden.at("in.vq_z").values, codebook.values, codebook.shape[1]);
  expect([...got]).toEqual([...golden.at("out.vq_indices").values]);
});

test("image values become bytes by rounding, within one level of the truncating release", () => {
  const got = [...golden.at("in.u").values].map((u) => rgb8(u / 4));
  expectValuesClose("uint8", got, golden.at("out.uint8").values, { atol: 1, rtol: 0 });
  expect([-2, -1, 0, 1, 2, Number.NaN].map(rgb8)).toEqual([0, 0, 128, 255, 255, 0]);
});
