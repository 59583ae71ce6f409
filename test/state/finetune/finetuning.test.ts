import { describe, expect, test } from "vitest";
import { runLock } from "#runs/run.ts";
import { select } from "#scoring/criteria.ts";
import { evidenceOf } from "#scoring/evidence.ts";
import { indicesOf } from "#state/finetune/choice.ts";
import { currentPlan, keptNow } from "#state/finetune/currentPlan.ts";
import type { Finetune } from "#state/finetune/finetune.ts";
import { parseRemembered, REMEMBERED_KEY } from "#state/finetune/remembered.ts";
import { usualSettings } from "#state/finetune/trainSettings.ts";
import { drawnPng, picked } from "../../datasets/pictures.ts";
import { openBrowser, PICTURES } from "../../workers/trainer/support.ts";
import { openFinetuning } from "./openFinetuning.ts";

const kept = (state: Finetune) => Array.from(indicesOf(keptNow(state) ?? new Uint8Array()));
const ended = ({ run }: Finetune) =>
  run !== null && ["paused", "finished", "failed"].includes(run.state.status);
/** Few steps and one look, of pictures that cost little. */
const SHORT = { steps: 4, batch: 4, every: 4, pictures: 2, heldOut: 3, learningRate: 1e-3 };

test("a set that is opened is kept whole until something is chosen, and stands in the address", async () => {
  const t = await openFinetuning();
  const state = await t.open();
  expect(state.set?.record.count).toBe(PICTURES);
  expect(kept(state)).toEqual(Array.from({ length: PICTURES }, (_, i) => i));
  expect(t.address()).toBe(`#/finetune?step=pictures&set=${t.browser.dataset}`);
});

test("an address opens its step and its set; one of a set that is gone says so", async () => {
  const first = await openFinetuning();
  const there = await openFinetuning({
    browser: first.browser,
    hash: `#/finetune?step=choice&set=${first.browser.dataset}`,
  });
  const state = await there.until(({ set }) => set !== null, "a set");
  expect(state.step).toBe("choice");
  const gone = await openFinetuning({ hash: "#/finetune?step=choice&set=0mwqre1xt-wupi92a0" });
  const { problem } = await gone.until((now) => now.problem !== null, "a problem");
  expect(problem).toEqual({ kind: "set-missing", id: "0mwqre1xt-wupi92a0" });
});

test("files become a set that is worked on at once; those that are no pictures are listed with the reason", async () => {
  const t = await openFinetuning();
  t.finetuning.pick([
    ...[1, 2, 3].map((n) => picked(`cats/${n}.png`, drawnPng(n, 32, 32))),
    picked("cats/readme.txt", "not a picture"),
  ]);
  await t.until(({ importing }) => importing !== null, "the files");
  expect(t.state().importing).toMatchObject({ status: "picked", options: { name: "cats" } });
  // The tiny family draws 8 px, less than an import takes: nothing is kept of it.
  t.finetuning.importPicked();
  const { importing } = await t.until((now) => now.importing?.status === "failed", "a failure");
  expect(importing).toMatchObject({ error: { kind: "BadOption", option: "imageSize" } });
  expect(t.lasting()).toBe(1); // what is kept should outlast a full disk: asked before the first bytes are written
  t.finetuning.putAway();
  expect(t.state().importing).toBe(null);
  expect(t.state().sets?.length).toBe(1);
});

describe("what matters", () => {
  test("a criterion waits for what it needs; measured, it keeps as many as the ratio says, at every ratio", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.choose({ criterion: "L-inverse", ratio: 0.5 });
    await t.until(({ selection }) => selection === null, "no answer");
    expect(keptNow(t.state())).toBe(null);

    t.finetuning.measure(["loss"]);
    const measured = await t.until(({ selection }) => selection !== null, "an answer");
    const { loss } = measured.scoring.scores ?? {};
    expect(loss?.length).toBe(PICTURES);
    const easiest = Array.from(loss ?? [], (value, index) => ({ value, index }))
      .sort((a, b) => a.value - b.value || a.index - b.index)
      .map(({ index }) => index);
    expect(kept(measured)).toEqual(easiest.slice(0, 7).sort((a, b) => a - b));

    for (const ratio of [0.1, 0.25, 0.4, 0.75]) t.finetuning.choose({ ratio });
    const late = await t.until(({ selection }) => selection?.ratio === 0.75, "the last ratio");
    expect(kept(late)).toEqual(easiest.slice(0, 3).sort((a, b) => a - b));
  });

  test("chance chooses without anything measured, as the trainer would have it, and starts no trainer", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.choose({ criterion: "random", ratio: 0.5, seed: 3 });
    const chosen = await t.until(({ selection }) => selection?.criterion === "random", "an answer");
    const nothing = evidenceOf({ samples: PICTURES, seed: 0 });
    expect(kept(chosen)).toEqual(Array.from(select("random", 0.5, nothing, 3)));
    expect(t.tab.of("state")).toEqual([]);
  });

  test("what the reader says of a picture goes before the criterion, and can be taken back", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.override([2, 5], "drop");
    expect(kept(t.state())).not.toContain(5);
    expect(kept(t.state()).length).toBe(PICTURES - 2);
    t.finetuning.override([5], null);
    expect(kept(t.state()).length).toBe(PICTURES - 1);
  });

  test("scores are looked up when the set is opened again, in another tab too, and nothing is measured twice", async () => {
    const first = await openFinetuning();
    await first.open();
    first.finetuning.measure(["loss", "features"]);
    const { scoring } = await first.until((now) => now.scoring.scores !== null, "scores");
    const second = await openFinetuning({ browser: first.browser });
    await second.open();
    const again = await second.until((now) => now.scoring.scores !== null, "scores");
    expect(again.scoring.scores?.loss).toEqual(scoring.scores?.loss);
    expect(again.scoring.scores?.clusters).toEqual(scoring.scores?.clusters);
    expect(second.tab.of("progress")).toEqual([]);
  });

  test("criteria are compared pair by pair: equal with themselves, strangers with their opposite at half", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.measure(["loss"]);
    await t.until(({ scoring }) => scoring.scores !== null, "scores");
    t.finetuning.compareCriteria();
    const isWhole = ({ agreement }: Finetune) =>
      agreement?.jaccard.every((row) => row.every((value) => value !== null)) ?? false;
    const { agreement } = await t.until(isWhole, "the table");
    const { criteria = [], jaccard = [] } = agreement ?? {};
    expect(criteria).toEqual(["L-inverse", "L", "random"]);
    expect(jaccard.map((row, i) => row[i])).toEqual([1, 1, 1]);
    expect(jaccard[0][1]).toBe(0);
    expect(jaccard[0][2]).toBe(jaccard[2][0]);
  });

  test("a selection leaves as a table with a line a picture", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.override([3], "drop");
    t.finetuning.exportSelection("csv");
    t.finetuning.exportSelection("json");
    const [csv, json] = await Promise.all(t.files.map(({ contents }) => contents.text()));
    expect(t.files.map(({ name }) => name)).toEqual(["made-up-all.csv", "made-up-all.json"]);
    expect(csv.trim().split("\r\n").length).toBe(1 + PICTURES);
    expect(csv).toContain("\r\n3,3.png,b,");
    expect(JSON.parse(json)).toMatchObject({ kept: PICTURES - 1, by_hand: 1, criterion: "all" });
  });
});

test("what was chosen of a set, and how it was to be trained, is there again on the next visit", async () => {
  const storage = new Map<string, string>();
  const first = await openFinetuning({ storage });
  await first.open();
  first.finetuning.choose({ criterion: "random", ratio: 0.25, seed: 3 });
  first.finetuning.override([2], "drop");
  first.finetuning.changeTraining(SHORT);
  const second = await openFinetuning({ browser: first.browser, storage });
  const { choice, settings } = await second.open();
  expect(choice).toEqual({
    criterion: "random",
    ratio: 0.25,
    seed: 3,
    features: "model",
    overrides: new Map([[2, "drop"]]),
  });
  expect(settings).toMatchObject(SHORT);
});

test("what was only proposed for the device is proposed anew on the next visit", async () => {
  const storage = new Map<string, string>();
  const t = await openFinetuning({ storage });
  await t.open();
  const remembered = () => parseRemembered(storage.get(REMEMBERED_KEY) ?? null).settings;
  t.finetuning.measure(["loss"]); // starts the trainer, which tells its device
  await t.until(({ scoring, trainer }) => scoring.scores !== null && trainer.backend !== null, "scores");
  t.finetuning.changeTraining({ steps: 77 });
  expect(remembered()).toMatchObject({ steps: 77 });
  t.finetuning.changeTraining({ steps: usualSettings("slow").steps });
  expect(remembered()).toBe(null);
});

describe("training", () => {
  test("the cost is measured once for settings that cost the same", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.changeTraining(SHORT);
    t.finetuning.estimate();
    const done = await t.until(({ estimate }) => estimate.status === "done", "an estimate");
    expect(done.estimate).toMatchObject({ estimate: { trials: expect.any(Number) } });
    t.finetuning.override([1], "drop");
    t.finetuning.override([1], null);
    t.finetuning.estimate();
    expect(t.state().estimate).toBe(done.estimate);
  });

  test("a class name that the model knows already begins nothing; a class of another base is proposed anew", async () => {
    const t = await openFinetuning();
    const { set } = await t.open();
    const family = t.finetuning.familyFor(8);
    if (!set || !family) throw new Error("no set");
    t.finetuning.changeTargets([
      { kind: "new", name: "one" },
      { kind: "known", label: 99 },
    ]);
    expect(currentPlan(t.state(), family)).toBe(null);
    t.finetuning.train();
    expect(t.state().run).toBe(null);
    t.finetuning.changeTargets([
      { kind: "new", name: "mine" },
      { kind: "known", label: 99 },
    ]);
    expect(currentPlan(t.state(), family)?.classes).toEqual([
      { kind: "new", name: "mine" },
      { kind: "new", name: "b" },
    ]);
  });

  test("a run is trained on what is kept but for the held-out pictures, and becomes a model of the library", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.changeTraining(SHORT);
    t.finetuning.override([0], "drop");
    t.finetuning.train();
    const { run } = await t.until(ended, "the end");
    expect(run?.state.status).toBe("finished");
    expect(run?.curve.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    const { kept: trained, heldOut } = run?.plan.selection ?? {};
    expect(heldOut?.length).toBe(3);
    expect(trained).not.toContain(0);
    expect(Array.from(trained ?? []).some((index) => heldOut?.includes(index))).toBe(false);
    expect(run?.pictures.map(({ step }) => step)).toEqual([4]);
    expect(run?.base?.length).toBe(2);
    const models = await t.browser.models.list();
    expect(models).toMatchObject([{ name: "made up, light", kind: "fine-tuned", classes: ["a", "b"] }]);
  });

  test("a paused run goes on in another tab, with its curve, but not while a tab trains it", async () => {
    const first = await openFinetuning();
    await first.open();
    first.finetuning.changeTraining({ ...SHORT, steps: 2000, every: 2000 });
    first.finetuning.train();
    await first.until(({ run }) => (run?.step ?? 0) >= 2, "two steps");
    first.finetuning.pauseRun();
    const paused = await first.until(ended, "the pause");
    const { id, step } = paused.run ?? { id: "", step: 0 };
    expect(paused.run?.state.status).toBe("paused");

    const second = await openFinetuning({ browser: first.browser });
    const listed = await second.until(({ runs }) => runs?.length === 1, "the list");
    expect(listed.runs).toMatchObject([{ id, progress: { step } }]);
    second.finetuning.openRun(id);
    await second.until(({ run }) => run !== null, "the run");
    first.browser.locks.add(runLock(id));
    second.finetuning.resumeRun();
    const refused = await second.until(ended, "an answer");
    expect(refused.run?.state).toMatchObject({ status: "failed", error: { kind: "RunLocked" } });
    expect(refused.run?.curve.length).toBe(step);

    first.browser.locks.delete(runLock(id));
    second.finetuning.resumeRun();
    await second.until(({ run }) => (run?.step ?? 0) > step, "another step");
    second.finetuning.pauseRun();
    const { run } = await second.until(ended, "the second pause");
    const made = run?.curve.map((point) => point.step);
    expect(made).toEqual(Array.from({ length: run?.step ?? 0 }, (_, i) => i + 1));
  });

  test("stopping keeps the model as it is", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.changeTraining({ ...SHORT, steps: 1000, every: 1000 });
    t.finetuning.train();
    await t.until(({ run }) => (run?.step ?? 0) >= 1, "a step");
    t.finetuning.stopRun();
    const { run } = await t.until(ended, "the end");
    expect(run?.state.status).toBe("finished");
    expect(run?.step).toBeLessThan(1000);
    expect((await t.browser.models.list()).length).toBe(1);
  });

  test("pictures of a run are measured against those it has not seen; too few of these are told", async () => {
    const t = await openFinetuning();
    await t.open();
    t.finetuning.changeTraining({ ...SHORT, heldOut: 3 });
    t.finetuning.train();
    await t.until(ended, "the end");
    t.finetuning.measureDistances();
    const few = await t.until(({ distances }) => distances.problem !== null, "the refusal");
    expect(few.distances.problem).toMatchObject({
      error: { detail: expect.stringContaining("8 are the least") },
    });

    const storage = new Map<string, string>();
    const bigger = await openFinetuning({ browser: await openBrowser(8, 40), storage });
    await bigger.open();
    bigger.finetuning.changeTraining({ ...SHORT, heldOut: 10 });
    bigger.finetuning.train();
    await bigger.until(ended, "the end");
    bigger.finetuning.measureDistances();
    const { distances, run } = await bigger.until(
      (now) => now.distances.known.size === 1 && now.distances.stage === null,
      "the distance",
    );
    const distance = distances.known.get(run?.id ?? "");
    // The tiny embedding has 5 features: ten pictures are enough for both distances.
    expect(distance).toMatchObject({ drawn: 10, heldOut: 10 });
    expect(Number.isFinite(distance?.kernel)).toBe(true);
    expect(distance?.frechet).toBeGreaterThanOrEqual(0);
    const later = await openFinetuning({ browser: bigger.browser, storage });
    expect(later.state().distances.known).toEqual(distances.known);
  });

  test("all pictures and the kept ones are trained for as many steps, then both stand in Compare beside the base, measured against the same held-out ones; what is there is not trained again", async () => {
    const t = await openFinetuning({ browser: await openBrowser(8, 40) });
    await t.open();
    t.finetuning.changeTraining({ ...SHORT, heldOut: 8 });
    t.finetuning.override([20, 21, 22, 23, 24], "drop");
    t.finetuning.trainPair();
    const { run, against, step } = await t.until(({ pair }) => pair?.status === "done", "both");
    expect(step).toBe("result");
    expect([against?.step, run?.step]).toEqual([4, 4]);
    expect(against?.plan.selection.heldOut).toEqual(run?.plan.selection.heldOut);
    expect(against?.plan.selection.kept.length).toBe(40 - 8);
    expect(run?.plan.selection.kept.length).toBeLessThan(40 - 8);
    await expect.poll(() => t.opened.length).toBe(1);
    const ids = [against, run].map((one) => (one?.state.status === "finished" ? one.state.model.id : ""));
    expect(decodeURIComponent(t.opened[0])).toContain(`rows=model:light,${ids.join(",")}`);
    const { distances } = await t.until((now) => now.distances.known.size === 2, "the distances");
    expect([...distances.known.keys()]).toEqual([against?.id, run?.id]);

    const steps = t.tab.of("step").length;
    t.finetuning.trainPair();
    await expect.poll(() => t.opened.length).toBe(2);
    expect(t.tab.of("step").length).toBe(steps);
  });
});
