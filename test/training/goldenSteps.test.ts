import { beforeAll, describe, expect, test } from "vitest";
import { BACKENDS, expectNoLeak, useBackend } from "../models/support/backends.ts";
import { readGolden } from "../models/support/golden.ts";
import { expectGoldenSteps, type GoldenSteps } from "./goldenRun.ts";

describe.each(BACKENDS)("five steps of a run on golden batches, on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(["08_adamw_official", "08_adamw_decay"])(
    "end at the golden weights of %s, and average them warmed",
    async (name) => {
      const golden = readGolden<GoldenSteps["config"]>(name);
      await expectNoLeak(async () => expect(await expectGoldenSteps(golden)).toBe("host"));
    },
  );
});
