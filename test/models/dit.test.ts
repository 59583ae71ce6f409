import { tidy } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createDiT } from "#models/dit.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import { expectNoLeak, NETWORK_BACKENDS, useBackend } from "./support/backends.ts";
import { expectClose, readGolden, toNHWC } from "./support/golden.ts";

const CASES = ["01_dit_uncond_p1", "01_dit_uncond_p2", "01_dit_cond_p1", "01_dit_cond_p2"];

describe.each(NETWORK_BACKENDS)("the DiT on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(CASES)("gives the golden velocity and every tap of %s", async (name) => {
    const golden = readGolden<DiTConfig>(name);
    const labels = [...golden.at("in.y").values];
    await expectNoLeak(() => {
      const dit = createDiT(golden.config, golden.weights());
      tidy(() => {
        const x = toNHWC(golden.at("in.x"));
        const seen: string[] = [];
        for (const time of ["tmid", "t0", "t1"]) {
          const times = [...golden.at(`in.${time}`).values];
          const v = dit.forward(x, times, labels, (tap, value) => {
            if (time !== "tmid") return;
            seen.push(`out.tap_${tap}`);
            expectClose(tap, value, golden.at(`out.tap_${tap}`), golden.tight);
          });
          expectClose(`velocity at ${time}`, v, golden.at(`out.v_${time}`), golden.tight);
        }
        expect(seen.toSorted()).toEqual(golden.names("out.tap_").toSorted());
      });
      dit.dispose();
    });
  });

  test("gives the same velocity through a prepared trajectory as with one time per sample", async () => {
    const golden = readGolden<DiTConfig>("01_dit_cond_p2");
    const labels = [...golden.at("in.y").values];
    await expectNoLeak(() => {
      const dit = createDiT(golden.config, golden.weights());
      tidy(() => {
        const x = toNHWC(golden.at("in.x"));
        const times = [0, 0.3, 0.3, 1];
        const trajectory = dit.begin(times, labels, 1);
        times.forEach((t, index) => {
          const want = dit.forward(
            x,
            labels.map(() => t),
            labels,
          );
          const got = trajectory.velocity(index, x);
          expect(Math.max(...difference(got.dataSync(), want.dataSync()))).toBeLessThanOrEqual(1e-6); // one op order
        });
        trajectory.end();
      });
      dit.dispose();
    });
  });
});

const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(a, (value, index) => Math.abs(value - b[index]));
