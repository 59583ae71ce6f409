import { storageError } from "#files/byteFiles.ts";
import type { LocalModel } from "#library/localModel.ts";
import type { ClassTarget, RunId, RunPlan, RunRecord } from "#runs/run.ts";
import { newRunId } from "#runs/runId.ts";
import type { TrainerClient } from "#workers/trainerClient.ts";
import type { TrainJob } from "#workers/trainerProtocol.ts";
import { pixelsOf } from "../pixels.ts";
import type { FinetuneContext } from "./context.ts";
import { currentPlan } from "./currentPlan.ts";
import { pairAddress } from "./links.ts";
import { isSameWork } from "./samePlan.ts";
import { keptRun, type LiveRun, newLiveRun, type RunState } from "./training.ts";
import { paceOf, type TrainSettings, withTrainSettings } from "./trainSettings.ts";

/** What the reader can do about training. */
export interface Training {
  changeTraining(change: Partial<TrainSettings>): void;
  changeTargets(targets: readonly ClassTarget[]): void;
  /** Trains the run that the settings ask for. */
  train(): void;
  /** Trains on all pictures and on the kept ones, one after the other and for as many steps, then opens the two beside the model
   *  that they began with. What is there of either already is not made again. */
  trainPair(): void;
  /** Ends after the step that is under way; it goes on with `resume`. */
  pauseRun(): void;
  /** Makes a model of what there is. */
  stopRun(): void;
  /** Looks at a kept run without training it. */
  openRun(id: RunId): void;
  /** Compares the run that is looked at with another; null: with none. */
  openAgainst(id: RunId | null): void;
  /** Goes on with the run that is looked at. microBatch: fewer samples at once; steps: more of them in all. */
  resumeRun(change?: { readonly microBatch?: number; readonly steps?: number }): void;
  /** Looks at no run; without effect while it is trained. */
  closeRun(): void;
  deleteRun(id: RunId): void;
}

type Running = ReturnType<TrainerClient["train"]>;

/** beforeTraining: called before the trainer is needed for a run; paired: when all pictures and the kept ones have been trained on. */
export function createTraining(
  { store, host, apply, applySoon, trainer, familyFor, modelsKnown }: FinetuneContext,
  beforeTraining: () => void,
  show: (step: "training" | "result") => void,
  paired: () => void,
): Training & { listRuns(): void } {
  const { getState } = store;
  let running: Running | null = null;

  const failed = (cause: unknown) =>
    apply({ type: "problem", problem: { kind: "runs", error: storageError(cause) } });

  async function list(): Promise<void> {
    const [runs, locked] = await Promise.all([host.runs.list(), host.lockedRuns()]);
    apply({ type: "runs-listed", runs, locked });
  }

  function planNow(everything = false): RunPlan | null {
    const { set } = getState();
    const family = set && familyFor(set.record.imageSize);
    return family && currentPlan(getState(), family, everything);
  }

  /** Trains until the run ends in whatever way; null when another one is under way. */
  async function run(live: LiveRun, job: TrainJob): Promise<RunState | null> {
    if (running) return null;
    beforeTraining();
    apply({ type: "run-began", run: live });
    const training = trainer().train(job, (event) =>
      applySoon({ type: "run-progress", event, at: host.now() }),
    );
    running = training;
    const state = stateOf(await training.done);
    running = null;
    apply({ type: "run-ended", state });
    list().catch(failed);
    return state;
  }

  function runNew(plan: RunPlan): Promise<RunState | null> {
    const id = newRunId(host.now());
    return run(newLiveRun(id, plan, host.now()), { kind: "new", run: id, plan });
  }

  function resume(
    looked: LiveRun,
    { microBatch = null, steps = null }: { microBatch?: number | null; steps?: number | null },
  ): Promise<RunState | null> {
    const { state } = newLiveRun(looked.id, looked.plan, host.now());
    const live = { ...looked, steps: steps ?? looked.steps, state };
    return run(live, { kind: "resume", run: looked.id, microBatch, steps });
  }

  async function kept(record: RunRecord): Promise<LiveRun> {
    const { id, progress } = record;
    const [drawn, model] = await Promise.all([host.runs.pictures(id), modelOf(progress?.model ?? null)]);
    const pictures = drawn.map((look) => ({ ...look, pictures: look.pictures.map(pixelsOf) }));
    return keptRun(record, pictures, model);
  }

  const modelOf = async (id: LocalModel["id"] | null): Promise<LocalModel | null> =>
    id && (await host.localModels.get(id));

  async function open(id: RunId): Promise<void> {
    const record = await host.runs.get(id);
    if (record && !running) apply({ type: "run-began", run: await kept(record) });
  }

  async function openAgainst(id: RunId | null): Promise<void> {
    const record = id === null ? null : await host.runs.get(id);
    apply({ type: "against-changed", against: record && (await kept(record)) });
  }

  /** A finished run of this plan: one that is there, or one that is trained now; null when it was stopped before its end. */
  async function finished(plan: RunPlan): Promise<LiveRun | null> {
    const there = (await host.runs.list()).find((record) => isSameWork(record.plan, plan));
    const live = there ? await kept(there) : null;
    if (live?.state.status === "finished" && live.step >= plan.steps) return live;
    const state = await (live ? resume(live, {}) : runNew(plan));
    const { run: now } = getState();
    return state?.status === "finished" && now && now.step >= plan.steps ? now : null;
  }

  async function pair(): Promise<void> {
    const full = planNow(true);
    const pruned = planNow();
    if (!full || !pruned || running) return;
    const { kept: all } = full.selection;
    const { kept: some } = pruned.selection;
    const name = pruned.name;
    apply({ type: "pair-changed", pair: { status: "training", at: "full" } });
    const first = await finished({ ...full, name: `${name}, all ${all.length}` });
    if (!first) return apply({ type: "pair-changed", pair: { status: "stopped", at: "full" } });
    apply({ type: "pair-changed", pair: { status: "training", at: "pruned" } });
    const second = await finished({ ...pruned, name: `${name}, ${some.length} kept` });
    if (!second) return apply({ type: "pair-changed", pair: { status: "stopped", at: "pruned" } });
    show("result");
    apply(
      { type: "run-began", run: second },
      { type: "against-changed", against: first },
      { type: "pair-changed", pair: { status: "done", at: "pruned" } },
    );
    await modelsKnown(
      [first, second].flatMap(({ state }) => (state.status === "finished" ? [state.model.id] : [])),
    );
    const { set } = getState();
    const family = set && familyFor(set.record.imageSize);
    const address = family && pairAddress(family, second, first);
    if (address) host.openAddress(address);
    paired();
  }

  return {
    listRuns: () => void list().catch(failed),
    changeTraining(change) {
      const { settings, trainer: now } = getState();
      apply({
        type: "settings-changed",
        settings: withTrainSettings(settings, change, paceOf(now.backend)),
      });
    },
    changeTargets: (targets) => apply({ type: "targets-changed", targets }),
    train() {
      const plan = planNow();
      apply({ type: "pair-changed", pair: null });
      if (plan) void runNew(plan);
    },
    trainPair: () => void pair().catch(failed),
    pauseRun() {
      apply({ type: "run-wished", wish: "pause" });
      running?.pause();
    },
    stopRun() {
      apply({ type: "run-wished", wish: "stop" });
      running?.stop();
    },
    openRun: (id) => void open(id).catch(failed),
    openAgainst: (id) => void openAgainst(id).catch(failed),
    resumeRun(change = {}) {
      const { run: looked } = getState();
      if (looked) void resume(looked, change);
    },
    closeRun() {
      if (!running) apply({ type: "run-closed" });
    },
    deleteRun: (id) =>
      void host.runs
        .remove(id)
        .then(() => {
          if (getState().run?.id === id) apply({ type: "run-closed" });
          return list();
        })
        .catch(failed),
  };
}

function stateOf(result: Awaited<Running["done"]>): RunState {
  if (result.ok) {
    const { model, notKept } = result.value;
    return { status: "finished", model, notKept };
  }
  return result.error.kind === "Failed"
    ? { status: "failed", error: result.error.error }
    : { status: "paused" };
}
