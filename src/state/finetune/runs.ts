import { storageError } from "#files/byteFiles.ts";
import type { ClassTarget, RunId, RunPlan } from "#runs/run.ts";
import { newRunId } from "#runs/runId.ts";
import type { TrainerClient } from "#workers/trainerClient.ts";
import type { TrainJob } from "#workers/trainerProtocol.ts";
import { pixelsOf } from "../pixels.ts";
import type { FinetuneContext } from "./context.ts";
import { currentPlan } from "./currentPlan.ts";
import type { EstimateState } from "./finetune.ts";
import { keptRun, newLiveRun } from "./training.ts";
import { paceOf, type TrainSettings, withTrainSettings } from "./trainSettings.ts";

/** What the reader can do about training. */
export interface Training {
  changeTraining(change: Partial<TrainSettings>): void;
  changeTargets(targets: readonly ClassTarget[]): void;
  /** Measures what the run would cost; without effect when that is known or another job is under way. */
  estimate(): void;
  /** Trains the run that the settings ask for. */
  train(): void;
  /** Ends after the step that is under way; it goes on with `resume`. */
  pauseRun(): void;
  /** Makes a model of what there is. */
  stopRun(): void;
  /** Looks at a kept run without training it. */
  openRun(id: RunId): void;
  /** Goes on with the run that is looked at. microBatch: fewer samples at once; steps: more of them in all. */
  resumeRun(change?: { readonly microBatch?: number; readonly steps?: number }): void;
  /** Looks at no run; one that is being trained goes on. */
  closeRun(): void;
  deleteRun(id: RunId): void;
}

type Running = ReturnType<TrainerClient["train"]>;

export function createTraining({
  store,
  host,
  apply,
  applySoon,
  trainer,
  familyFor,
}: FinetuneContext): Training & { listRuns(): void } {
  const { getState } = store;
  let running: Running | null = null;
  let estimating: ReturnType<TrainerClient["estimate"]> | null = null;

  const failed = (cause: unknown) =>
    apply({ type: "problem", problem: { kind: "runs", error: storageError(cause) } });

  async function list(): Promise<void> {
    const [runs, locked] = await Promise.all([host.runs.list(), host.lockedRuns()]);
    apply({ type: "runs-listed", runs, locked });
  }

  function plan(): RunPlan | null {
    const { set } = getState();
    const family = set && familyFor(set.record.imageSize);
    return family && currentPlan(getState(), family);
  }

  async function estimate(): Promise<void> {
    const wanted = plan();
    const { estimate: now, run } = getState();
    if (!wanted || run?.state.status === "training" || run?.state.status === "preparing") return;
    const of = estimateKey(wanted);
    if (now.status !== "none" && now.of === of) return;
    estimating?.cancel();
    apply({ type: "estimate-began", of, at: host.now() });
    const job = trainer().estimate({ plan: wanted }, (event) =>
      applySoon({ type: "estimate-progress", event, at: host.now() }),
    );
    estimating = job;
    const result = await job.done;
    if (estimating !== job) return;
    estimating = null;
    apply({ type: "estimated", estimate: estimated() });

    function estimated(): EstimateState {
      if (result.ok) return { status: "done", of, estimate: result.value.estimate };
      if (result.error.kind !== "Failed") return { status: "none" };
      return { status: "failed", of, problem: { kind: "trainer", error: result.error.error } };
    }
  }

  async function run(job: TrainJob): Promise<void> {
    estimating?.cancel();
    const training = trainer().train(job, (event) =>
      applySoon({ type: "run-progress", event, at: host.now() }),
    );
    running = training;
    const result = await training.done;
    if (running !== training) return;
    running = null;
    if (result.ok) {
      const { model, notKept } = result.value;
      apply({ type: "run-ended", state: { status: "finished", model, notKept } });
    } else if (result.error.kind === "Failed")
      apply({ type: "run-ended", state: { status: "failed", error: result.error.error } });
    else apply({ type: "run-ended", state: { status: "paused" } });
    list().catch(failed);
  }

  async function open(id: RunId): Promise<void> {
    const [record, kept] = await Promise.all([host.runs.get(id), host.runs.pictures(id)]);
    if (!record || running) return;
    const pictures = kept.map(({ step, pictures: drawn }) => ({ step, pictures: drawn.map(pixelsOf) }));
    apply({ type: "run-began", run: keptRun(record, pictures) });
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
    estimate: () => void estimate(),
    train() {
      const wanted = plan();
      if (!wanted || running) return;
      const id = newRunId(host.now());
      apply({ type: "run-began", run: newLiveRun(id, wanted, host.now()) });
      void run({ kind: "new", run: id, plan: wanted });
    },
    pauseRun() {
      apply({ type: "run-wished", wish: "pause" });
      running?.pause();
    },
    stopRun() {
      apply({ type: "run-wished", wish: "stop" });
      running?.stop();
    },
    openRun: (id) => void open(id).catch(failed),
    resumeRun({ microBatch = null, steps = null } = {}) {
      const { run: looked } = getState();
      if (!looked || running) return;
      const { id, plan: asked } = looked;
      const { state } = newLiveRun(id, asked, host.now());
      apply({ type: "run-began", run: { ...looked, steps: steps ?? looked.steps, state } });
      void run({ kind: "resume", run: id, microBatch, steps });
    },
    closeRun: () => {
      if (!running) apply({ type: "run-closed" });
    },
    deleteRun: (id) => void host.runs.remove(id).then(list).catch(failed),
  };
}

/** What of a plan decides its cost. */
export const estimateKey = ({ selection, name: _, dataset: __, ...plan }: RunPlan): string =>
  JSON.stringify({ ...plan, kept: selection.kept.length, heldOut: selection.heldOut.length });
