import { afterAll, beforeAll, expect, test } from "vitest";
import { openLocalModels } from "#library/indexedLocalModels.ts";
import { browserRuns } from "#runs/browserRuns.ts";
import type { RunPlan } from "#runs/run.ts";
import { newRunId } from "#runs/runId.ts";
import { DEFAULT_TRAIN_OPTIONS } from "#training/trainOptions.ts";
import { connectTrainer, type TrainerClient } from "#workers/trainerClient.ts";

const runs = browserRuns();
/** `npm run soak`: twenty times. */
const KILLS = import.meta.env.STEADYFLOW_SOAK === "1" ? 20 : 2;
const STEPS = 6 + KILLS;
const PICTURES = 12;

let dataset = "";
const open: TrainerClient[] = [];

/** A trainer in a worker of its own, which writes a checkpoint after every step. */
function tab(): TrainerClient {
  const trainer = connectTrainer(() => {});
  open.push(trainer);
  const manifestUrl = new URL("/models/manifest.json", location.href).href;
  trainer.start({ backend: "wasm", manifestUrl, faults: false, checkpointMs: 0 });
  return trainer;
}

beforeAll(async () => {
  const filler = new Worker(new URL("./fillDataset.worker.ts", import.meta.url), { type: "module" });
  dataset = await new Promise<string>((resolve, reject) => {
    filler.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
    filler.onerror = (event) => reject(new Error(event.message));
    filler.postMessage({ count: PICTURES, size: 64 });
  });
  filler.terminate();
});

afterAll(async () => {
  for (const trainer of open) trainer.close();
  await runs.destroy();
  await openLocalModels().destroy();
});

const plan = (): RunPlan => ({
  name: "Stripes",
  dataset,
  family: "avatars-64",
  base: { kind: "model", model: "light" },
  target: "light",
  mode: { kind: "full" },
  objective: { kind: "fm" },
  classes: [{ kind: "new", name: "stripes" }],
  selection: {
    kept: Uint32Array.from({ length: PICTURES }, (_, i) => i),
    heldOut: new Uint32Array(),
    how: "all",
  },
  options: { ...DEFAULT_TRAIN_OPTIONS, batch: 2, microBatch: 2, warmupSteps: 1 },
  steps: STEPS,
  watch: { every: 0, pictures: [], drawing: { steps: 2, guidance: 1 } },
});

async function resultOf(run: string) {
  const checkpoint = await runs.checkpoint(run);
  if (!checkpoint || checkpoint === "damaged") throw new Error(`no checkpoint of ${run}: ${checkpoint}`);
  const { progress, state } = checkpoint;
  return { state, model: progress.model, losses: progress.curve.map(({ step, loss }) => [step, loss]) };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`a run whose worker was ended ${KILLS} times at random equals the unbroken one, bit for bit`, async () => {
  const whole = newRunId();
  const unbroken = await tab().train({ kind: "new", run: whole, plan: plan() }).done;
  expect(unbroken).toMatchObject({ ok: true, value: { step: STEPS, notKept: null } });
  const expected = await resultOf(whole);

  const run = newRunId();
  const stepMs = (await runs.get(whole))?.progress?.curve.at(-1)?.ms ?? 0;
  let reached = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const trainer = tab();
    const job = kill === 0 ? ({ kind: "new", run, plan: plan() } as const) : resumed(run);
    const began = new Promise<number>((resolve) => {
      void trainer.train(job, (event) => event.type === "began" && resolve(event.step)).done;
    });
    expect(await began).toBeGreaterThanOrEqual(reached); // what was kept is not lost
    reached = await began;
    await pause(Math.random() * 3 * stepMs);
    trainer.close();
  }
  const last = await tab().train(resumed(run)).done;
  expect(last).toMatchObject({ ok: true, value: { step: STEPS } });
  expect(await resultOf(run)).toEqual(expected);
});

test("a run in one worker is refused in another, and free when the first is ended", async () => {
  const run = newRunId();
  const [first, second] = [tab(), tab()];
  await new Promise<void>((resolve) => {
    void first.train({ kind: "new", run, plan: plan() }, ({ type }) => type === "step" && resolve()).done;
  });
  const refused = await second.train(resumed(run)).done;
  expect(refused).toMatchObject({ ok: false, error: { kind: "Failed", error: { kind: "RunLocked" } } });
  first.close();
  const job = second.train(resumed(run), (event) => event.type === "step" && job.stop());
  const taken = await job.done;
  expect(taken).toMatchObject({ ok: true });
});

const resumed = (run: string) => ({ kind: "resume", run, microBatch: null, steps: null }) as const;
