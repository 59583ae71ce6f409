import type { RunPlan, RunProgress } from "#runs/run.ts";
import { createRuns } from "#runs/runs.ts";
import type { TrainerEvent } from "#workers/trainerProtocol.ts";
import { type Browser, openBrowser, openTab, type TabOptions, tinyPlan } from "./support.ts";

export const WASM: TabOptions = { backend: "wasm" };
/** Every look at the clock finds a checkpoint due. */
export const EVERY_STEP: TabOptions = { ...WASM, tick: 30_000 };
export const newRun = (plan: RunPlan) =>
  ({ type: "train", id: 1, job: { kind: "new", run: "r1", plan } }) as const;
export const resume = (id: number, changes: { microBatch?: number; steps?: number } = {}) =>
  ({
    type: "train",
    id,
    job: { kind: "resume", run: "r1", microBatch: null, steps: null, ...changes },
  }) as const;

/** What must be the same however often a run was cut off. */
export async function resultOf(browser: Browser) {
  const checkpoint = await createRuns(browser.files).checkpoint("r1");
  if (!checkpoint || checkpoint === "damaged") throw new Error(`no checkpoint: ${checkpoint}`);
  const { progress, state } = checkpoint;
  return { state, ...timeless(progress) };
}

const timeless = ({ curve, looks, step, status, model }: RunProgress) => ({
  curve: curve.map(({ ms, ...point }) => point),
  looks,
  step,
  status,
  model,
});

export async function unbroken(changes: Partial<RunPlan> = {}) {
  const browser = await openBrowser();
  const tab = await openTab(browser, WASM);
  await tab.serve(newRun(tinyPlan(browser.dataset, changes)));
  return resultOf(browser);
}

/** Resolves when an event comes that `when` accepts. */
export const seen = (tab: Awaited<ReturnType<typeof openTab>>, when: (event: TrainerEvent) => boolean) =>
  new Promise<void>((resolve) => tab.watch((event) => when(event) && resolve()));

/** Ways of training, each with what it changes in a plan. */
export const WAYS: readonly (readonly [string, Partial<RunPlan>])[] = [
  ["of all weights by flow matching", {}],
  ["of all weights by the coarse-to-fine loss", { objective: { kind: "c2f", teacher: "heavy", tau: 0.6 } }],
  [
    "of low-rank matrices by distillation",
    { mode: { kind: "lora", rank: 2, alpha: 2 }, objective: { kind: "distil", teacher: "heavy", tMax: 1 } },
  ],
  ["of a network from scratch", { base: { kind: "scratch", depth: 1, hidden_size: 8, num_heads: 2 } }],
];
