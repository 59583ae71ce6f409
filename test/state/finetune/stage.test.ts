import { expect, test } from "vitest";
import { beginStage, stageAfter, stageLeftMs } from "#state/finetune/stage.ts";

const progress = (done: number, of: number, phase: "losses" | "features" = "losses") =>
  ({ type: "progress", id: 1, phase, done, of }) as const;

test("time left follows the pace of the phase; what was kept from before took no time", () => {
  let stage = stageAfter(beginStage(0), progress(100, 200), 1000);
  expect(stageLeftMs(stage)).toBe(null);
  stage = stageAfter(stage, progress(120, 200), 3000);
  expect(stageLeftMs(stage)).toBe(8000); // 20 in 2 s, 80 to go
  stage = stageAfter(stage, progress(1, 200, "features"), 4000);
  expect(stageLeftMs(stage)).toBe(null);
});

test("a download is shown until it is whole, and not at all from the cache", () => {
  const download = (loadedBytes: number, fromCache: boolean) =>
    ({ type: "download", id: 1, part: "encoder", loadedBytes, totalBytes: 10, fromCache }) as const;
  const stage = stageAfter(beginStage(0), download(4, false), 1);
  expect(stage.download).toEqual({ part: "encoder", loadedBytes: 4, totalBytes: 10 });
  expect(stageAfter(stage, download(10, false), 2).download).toBe(null);
  expect(stageAfter(beginStage(0), download(4, true), 1).download).toBe(null);
});
