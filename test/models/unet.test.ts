import { tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createUNet } from "#models/unet.ts";
import { type UNetConfig, unetSpec } from "#models/unetConfig.ts";
import { BACKENDS, expectNoLeak, useBackend } from "./support/backends.ts";
import { expectClose, readGolden, type Tolerance, toNHWC } from "./support/golden.ts";

/** The tight limits are four times the error of one float32 run in PyTorch, which adds a convolution's 576 products in
 *  blocks. Here they are added one after another, which loses about twice as much. */
const twice = ({ atol, rtol }: Tolerance): Tolerance => ({ atol: 2 * atol, rtol });

const CASES = ["11_unet_cond", "11_unet_attn"];

describe.each(BACKENDS)("the U-Net on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(CASES)("gives the golden velocity and every tap of %s", async (name) => {
    const golden = readGolden<UNetConfig>(name);
    await expectNoLeak(() => {
      const unet = createUNet(golden.config, golden.weights());
      const seen: string[] = [];
      tidy(() => {
        const x = toNHWC(golden.at("in.x"));
        const [times, labels] = [[...golden.at("in.t").values], [...golden.at("in.y").values]];
        const v = unet.forward(x, times, labels, (tap, value) => {
          seen.push(`out.tap_${tap}`);
          expectClose(tap, value, golden.at(`out.tap_${tap}`), twice(golden.tight));
        });
        expectClose("velocity", v, golden.at("out.v"), twice(golden.tight));
      });
      expect(seen.toSorted()).toEqual(golden.names("out.tap_").toSorted());
      unet.dispose();
    });
  });
});

test.each(CASES)("the spec names exactly the weights of %s", (name) => {
  const golden = readGolden<UNetConfig>(name);
  const shapes = new Map([...golden.weights()].map(([key, { shape }]) => [key, [...shape]]));
  expect(new Map(unetSpec(golden.config))).toEqual(shapes);
});
