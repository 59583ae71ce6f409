import { beforeAll, describe, expect, test } from "vitest";
import { createTrainerClient, type OpenTrainerWire, type TrainerProgress } from "#workers/trainerClient.ts";
import type { TrainerEvent, TrainerRequest } from "#workers/trainerProtocol.ts";
import { useBackend } from "../../models/support/backends.ts";
import { type Browser, openBrowser, openTab, tinyPlan } from "./support.ts";

/** A client of a real trainer, without a worker between them. */
async function connected(browser: Browser) {
  const tab = await openTab(browser, { backend: "wasm", started: false });
  const states: TrainerEvent[] = [];
  let wires = 0;
  let break_ = (_detail: string): void => {};
  const open: OpenTrainerWire = (onEvent, onFailure) => {
    wires++;
    tab.watch(onEvent);
    break_ = onFailure;
    return {
      send: (request: TrainerRequest) => tab.trainer.handle(structuredClone(request)),
      close: () => tab.kill(),
    };
  };
  const client = createTrainerClient(open, (event) => states.push(event));
  const start = () => client.start({ backend: "wasm", manifestUrl: "models/manifest.json", faults: true });
  return { client, start, states, wires: () => wires, fail: (detail: string) => break_(detail) };
}

const newRun = (dataset: string) => ({ kind: "new", run: "r1", plan: tinyPlan(dataset) }) as const;

describe("the trainer's client", () => {
  beforeAll(() => useBackend("wasm"));

  test("starts its worker with the first request, tells states, and answers a job with its closing event", async () => {
    const browser = await openBrowser();
    const { client, start, states, wires } = await connected(browser);
    expect(wires()).toBe(0);
    start();
    const told: TrainerProgress["type"][] = [];
    const run = client.train(newRun(browser.dataset), (event) => told.push(event.type));
    expect(await run.done).toMatchObject({ ok: true, value: { type: "finished", step: 6 } });
    expect(new Set(told)).toEqual(
      new Set(["download", "progress", "began", "step", "look", "pictures", "checkpointed"]),
    );
    expect(states.some((event) => event.type === "backend" && event.report.name === "wasm")).toBe(true);
    expect(wires()).toBe(1);
  });

  test("says that a job was paused, with its step; that it was cancelled; and how it failed", async () => {
    const browser = await openBrowser();
    const { client, start } = await connected(browser);
    start();
    const paused = client.train(newRun(browser.dataset), (event) => {
      if (event.type === "step" && event.step === 2) paused.pause();
    });
    expect(await paused.done).toEqual({ ok: false, error: { kind: "Paused", step: 2 } });
    const resume = { kind: "resume", run: "r1", microBatch: null, steps: null } as const;
    const cancelled = client.train(resume, (event) => event.type === "step" && cancelled.cancel());
    expect(await cancelled.done).toEqual({ ok: false, error: { kind: "Cancelled" } });
    const missing = await client.train({ ...resume, run: "none" }).done;
    expect(missing).toMatchObject({ error: { kind: "Failed", error: { kind: "RunMissing", run: "none" } } });
  });

  test("whose worker dies fails what is open, and says so as a state", async () => {
    const browser = await openBrowser();
    const { client, start, states, fail } = await connected(browser);
    start();
    const run = client.train(newRun(browser.dataset), ({ type }) => type === "step" && fail("out of memory"));
    expect(await run.done).toMatchObject({ error: { kind: "Failed", error: { kind: "Internal" } } });
    expect(states.at(-1)).toMatchObject({ type: "state", state: { status: "failed" } });
  });

  test("that is closed cancels what is open", async () => {
    const browser = await openBrowser();
    const { client, start } = await connected(browser);
    start();
    const run = client.train(newRun(browser.dataset), ({ type }) => type === "began" && client.close());
    expect(await run.done).toEqual({ ok: false, error: { kind: "Cancelled" } });
  });
});
