import { expect, test } from "vitest";
import { type Batch, batchReducer } from "#state/batch.ts";
import { jobOf, nextMove, partsOfModel } from "#state/schedule.ts";
import { batchOf, engineWith, firstFamily, imageEvent, SHIPPED, settingsWith } from "./support.ts";

const running = (batch: Batch, run: number, job: number) =>
  batchReducer(batch, { type: "run-sent", run, job });

test("a run whose networks are loaded is sent", () => {
  expect(nextMove(batchOf({ model: "light" }), engineWith("decoder", "light"))).toEqual({
    do: "send",
    run: 0,
  });
});

test("a run that lacks a network says which", () => {
  expect(nextMove(batchOf(), engineWith("decoder", "light"))).toEqual({ do: "wait", missing: ["heavy"] });
});

test("the draft is drawn while heavy is on its way", () => {
  expect(nextMove(batchOf({}, { draft: true }), engineWith("decoder", "light"))).toEqual({
    do: "send",
    run: 0,
  });
});

test("a draft that heavy overtakes is skipped, or cancelled when it has begun", () => {
  const all = engineWith("decoder", "light", "heavy");
  const batch = batchOf({}, { draft: true });
  expect(nextMove(batch, all)).toEqual({ do: "skip-draft", run: 0 });
  expect(nextMove(running(batch, 0, 5), all)).toEqual({ do: "cancel-draft", job: 5 });
});

test("the first visit shows the light picture even when heavy is there already", () => {
  const batch = batchOf({}, { draft: true, origin: "first-visit" });
  expect(nextMove(batch, engineWith("decoder", "light", "heavy"))).toEqual({ do: "send", run: 0 });
});

test("one run at a time, in order, until none is left", () => {
  const all = engineWith("decoder", "light", "heavy");
  const one = running(batchOf({ view: "three" }), 0, 5);
  expect(nextMove(one, all)).toEqual({ do: "nothing" });
  const two = [
    imageEvent(5, 0, 1, "light"),
    { type: "done", id: 5, images: 1, ms: 1, tensors: 0 } as const,
  ].reduce(batchReducer, one);
  expect(nextMove(two, all)).toEqual({ do: "send", run: 1 });
  expect(nextMove(batchReducer(two, { type: "batch-cancelled" }), all)).toEqual({ do: "nothing" });
});

test("coarse-to-fine needs only the networks that its τ gives a step", () => {
  const family = firstFamily(SHIPPED);
  expect(partsOfModel(family, settingsWith({ tau: 0.7 }), "c2f")).toEqual(["decoder", "light", "heavy"]);
  expect(partsOfModel(family, settingsWith({ tau: 0 }), "c2f")).toEqual(["decoder", "heavy"]);
  expect(partsOfModel(family, settingsWith({ tau: 1 }), "c2f")).toEqual(["decoder", "light"]);
  expect(partsOfModel(family, settingsWith({ tau: 1, solver: "heun" }), "c2f")).toEqual([
    "decoder",
    "light",
    "heavy",
  ]);
});

test("the job carries the settings and every seed with its class", () => {
  const batch = batchOf({ seed: 3, count: 2, tau: 0.25, guidance: 1 });
  const [run] = batch.runs;
  if (!run) throw new Error("no run");
  expect(jobOf(batch, run)).toEqual({
    family: "avatars-64",
    images: [
      { seed: 3, label: 4 },
      { seed: 4, label: 4 },
    ],
    model: "c2f",
    tau: 0.25,
    steps: 60,
    solver: "euler",
    guidance: 1,
    previews: true,
    batch: null,
  });
});
