import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { CRITERION_NAMES, select } from "#scoring/criteria.ts";
import { evidenceOf } from "#scoring/evidence.ts";
import type { ScoreJob } from "#workers/trainerProtocol.ts";
import { useBackend } from "../../models/support/backends.ts";
import { closing, openBrowser, openTab, PICTURES, type TabOptions } from "./support.ts";

const WASM: TabOptions = { backend: "wasm" };
const scoring = (dataset: string, changes: Partial<ScoreJob> = {}): ScoreJob => ({
  dataset,
  family: "tiny",
  proxy: "light",
  features: { kind: "model", model: "heavy" },
  labels: [null, 1],
  measure: { loss: true, gradient: true, features: true, dominance: true },
  seed: 4,
  ...changes,
});

type Tab = Awaited<ReturnType<typeof openTab>>;

async function score(tab: Tab, id: number, job: ScoreJob) {
  const end = await tab.serve({ type: "score", id, job });
  if (end.type !== "scored") throw new Error(JSON.stringify(end));
  return end;
}

const doubles = (buffer: ArrayBuffer | null) => new Float64Array(buffer ?? new ArrayBuffer(0));

describe("encoding in the trainer", () => {
  beforeAll(() => useBackend("wasm"));

  test("gives every picture a latent, keeps them, and leaves no tensor", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    await tab.trainer.idle();
    const before = memory().numTensors;
    const encode = { dataset: browser.dataset, family: "tiny" };
    const first = await tab.serve({ type: "encode", id: 1, job: encode });
    expect(first).toMatchObject({ type: "encoded", count: PICTURES, fromCache: false, tensors: before });
    expect(tab.of("progress").at(-1)).toMatchObject({ phase: "encoding", done: PICTURES, of: PICTURES });
    const later = await openTab(browser, WASM);
    expect(await later.serve({ type: "encode", id: 1, job: encode })).toMatchObject({ fromCache: true });
    expect(later.of("download")).toEqual([]); // the encoder was not needed
  });

  test.each([
    ["a data set that is gone", { dataset: "gone" }, { kind: "DatasetMissing" }],
    ["a family that there is not", { family: "none" }, { kind: "UnknownFamily" }],
  ])("of %s is refused by name", async (_, changes, error) => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const job = { dataset: browser.dataset, family: "tiny", ...changes };
    expect(await tab.serve({ type: "encode", id: 1, job })).toMatchObject({ type: "failed", error });
  });

  test("of pictures of another size is refused with both sizes", async () => {
    const browser = await openBrowser(16);
    const tab = await openTab(browser, WASM);
    const end = await tab.serve({ type: "encode", id: 1, job: { dataset: browser.dataset, family: "tiny" } });
    expect(end).toMatchObject({ error: { kind: "PicturesDoNotFit", imageSize: 16, expected: 8 } });
  });

  test("before the trainer was started is refused", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, { ...WASM, started: false });
    const job = { dataset: browser.dataset, family: "tiny" };
    expect(await tab.serve({ type: "encode", id: 1, job })).toMatchObject({ error: { kind: "NotStarted" } });
  });
});

describe("scoring in the trainer", () => {
  beforeAll(() => useBackend("wasm"));

  test("measures what was asked, from every criterion's evidence a selection follows, and no tensor is left", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    await tab.trainer.idle();
    const before = memory().numTensors;
    const end = await score(tab, 1, scoring(browser.dataset));
    expect(end.tensors).toBe(before);
    const [loss, gradient, dominance] = [end.loss, end.gradient, end.dominance].map(doubles);
    for (const scores of [loss, gradient, dominance]) {
      expect(scores).toHaveLength(PICTURES);
      expect(scores.every((value) => value > 0)).toBe(true);
    }
    const mean = loss.reduce((sum, value) => sum + value, 0) / PICTURES;
    expect(mean).toBeCloseTo(1, 10); // each time's losses are divided by their mean
    expect(new Float32Array(end.clusters?.map ?? new ArrayBuffer(0))).toHaveLength(2 * PICTURES);

    const direct = evidenceOf({ samples: PICTURES, seed: 4, loss, gradient, dominance });
    for (const [id, criterion] of CRITERION_NAMES.entries()) {
      const answer = await tab.serve({
        type: "select",
        id: 10 + id,
        job: { evidence: end.evidence, criterion, ratio: 0.5, seed: 9 },
      });
      if (answer.type !== "selected") throw new Error(`${criterion}: ${JSON.stringify(answer)}`);
      const kept = new Uint32Array(answer.kept);
      if (!criterion.startsWith("Cp")) expect(kept, criterion).toHaveLength(PICTURES / 2);
      if (["random", "G", "L-inverse", "dominance"].includes(criterion))
        expect(kept, criterion).toEqual(select(criterion, 0.5, direct, 9));
    }
  });

  test("paused and asked again gives the same numbers, and what is there is not measured twice", async () => {
    const whole = await openBrowser();
    const expected = await score(await openTab(whole, WASM), 1, scoring(whole.dataset));
    const browser = await openBrowser();
    const first = await openTab(browser, WASM);
    first.watch((event) => {
      if (event.type === "progress" && event.phase === "gradients")
        first.trainer.handle({ type: "pause", id: 1 });
    });
    const job = scoring(browser.dataset);
    expect(await first.serve({ type: "score", id: 1, job })).toMatchObject({ type: "paused" });
    const second = await openTab(browser, WASM);
    const again = await score(second, 2, job);
    expect(second.of("progress").some(({ phase }) => phase === "encoding")).toBe(false);
    expect(second.of("progress").find(({ phase }) => phase === "gradients")?.done).toBe(PICTURES);
    for (const part of ["loss", "gradient", "dominance"] as const)
      expect(doubles(again[part])).toEqual(doubles(expected[part]));
    const third = await openTab(browser, WASM);
    expect(doubles((await score(third, 3, job)).gradient)).toEqual(doubles(expected.gradient));
    expect(third.of("progress")).toEqual([]);
  });

  test("is found again by its key in another tab", async () => {
    const browser = await openBrowser();
    const { evidence } = await score(await openTab(browser, WASM), 1, scoring(browser.dataset));
    const tab = await openTab(browser, WASM);
    const job = { evidence, criterion: "Cb", ratio: 0.5, seed: 1 } as const;
    expect(await tab.serve({ type: "select", id: 1, job })).toMatchObject({ type: "selected" });
  });

  test("of which nothing is to be measured gives what is there, and encodes nothing", async () => {
    const browser = await openBrowser();
    const nothing = { loss: false, gradient: false, features: false, dominance: false };
    const recalled = scoring(browser.dataset, { measure: nothing });
    const first = await openTab(browser, WASM);
    const empty = await score(first, 1, recalled);
    expect(empty).toMatchObject({ loss: null, gradient: null, dominance: null, clusters: null });
    expect(first.of("progress")).toEqual([]);
    const { gradient } = await score(first, 2, scoring(browser.dataset));
    expect(doubles((await score(await openTab(browser, WASM), 1, recalled)).gradient)).toEqual(
      doubles(gradient),
    );
  });

  test("by the embedding network needs no heavy model", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const measure = { loss: false, gradient: false, features: true, dominance: false };
    const end = await score(tab, 1, scoring(browser.dataset, { features: { kind: "embedding" }, measure }));
    expect(end).toMatchObject({ loss: null, gradient: null, dominance: null, clusters: { count: 2 } });
    expect(tab.of("download").map(({ part }) => part)).not.toContain("heavy");
  });

  test("lets a selection through between its steps", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const features = { loss: false, gradient: false, features: true, dominance: false };
    const { evidence } = await score(tab, 1, scoring(browser.dataset, { measure: features }));
    tab.watch((event) => {
      if (event.type === "progress" && event.id === 2 && event.done < event.of && !sent) {
        sent = true;
        tab.trainer.handle({
          type: "select",
          id: 3,
          job: { evidence, criterion: "Cb", ratio: 0.5, seed: 1 },
        });
      }
    });
    let sent = false;
    await score(tab, 2, scoring(browser.dataset, { measure: { ...features, gradient: true } }));
    expect(closing(tab.events, 3).type).toBe("selected");
    const order = tab.events
      .filter(({ type }) => type === "selected" || type === "scored")
      .map(({ type }) => type);
    expect(order).toEqual(["scored", "selected", "scored"]);
  });

  test("is cancelled within a step, and leaves no tensor", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    await tab.trainer.idle();
    const before = memory().numTensors;
    tab.watch((event) => {
      if (event.type === "progress" && event.phase === "features")
        tab.trainer.handle({ type: "cancel", id: 1 });
    });
    const end = await tab.serve({ type: "score", id: 1, job: scoring(browser.dataset) });
    expect(end).toMatchObject({ type: "cancelled", tensors: before });
  });

  test.each<[string, Partial<ScoreJob>, object]>([
    ["a U-Net", { proxy: "round" }, { kind: "NotTrainable" }],
    ["a model in other latents", { proxy: "foreign" }, { kind: "InvalidJob", field: "proxy" }],
    ["a label too few", { labels: [1] }, { kind: "InvalidJob", field: "labels" }],
    ["a label that there is not", { labels: [1, 2] }, { kind: "InvalidJob", field: "labels" }],
  ])("with %s is refused by name", async (_, changes, error) => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const end = await tab.serve({ type: "score", id: 1, job: scoring(browser.dataset, changes) });
    expect(end).toMatchObject({ type: "failed", error });
  });

  test("that was never made gives no selection", async () => {
    const browser = await openBrowser();
    const tab = await openTab(browser, WASM);
    const { dataset } = browser;
    const evidence = JSON.stringify({ ...scoring(dataset), measure: undefined });
    const select = { criterion: "G", ratio: 0.5, seed: 1 } as const;
    expect(await tab.serve({ type: "select", id: 1, job: { ...select, evidence } })).toMatchObject({
      error: { kind: "Scoring", problem: { kind: "NotGathered" } },
    });
    expect(await tab.serve({ type: "select", id: 2, job: { ...select, evidence: "no key" } })).toMatchObject({
      error: { kind: "EvidenceMissing" },
    });
  });
});
