import type { TrainerClient } from "#workers/trainerClient.ts";
import type { FinetuneContext } from "./context.ts";
import { currentPlan } from "./currentPlan.ts";
import type { EstimateState } from "./finetune.ts";
import { costKey } from "./samePlan.ts";

/** What the reader can ask about the cost of a run. */
export interface Estimating {
  /** Measures what the run would cost; without effect when that is known, or while a run is trained. */
  estimate(): void;
}

export function createEstimating({
  store,
  host,
  apply,
  applySoon,
  trainer,
  familyFor,
}: FinetuneContext): Estimating & { cancelEstimate(): void } {
  const { getState } = store;
  let running: ReturnType<TrainerClient["estimate"]> | null = null;

  async function estimate(): Promise<void> {
    const { set, estimate: now, run } = getState();
    const family = set && familyFor(set.record.imageSize);
    const plan = family && currentPlan(getState(), family);
    if (!plan || run?.state.status === "training" || run?.state.status === "preparing") return;
    const of = costKey(plan);
    if ((now.status === "done" || now.status === "running") && now.of === of) return;
    running?.cancel();
    apply({ type: "estimate-began", of, at: host.now() });
    const job = trainer().estimate({ plan }, (event) =>
      applySoon({ type: "estimate-progress", event, at: host.now() }),
    );
    running = job;
    const result = await job.done;
    if (running !== job) return;
    running = null;
    apply({ type: "estimated", estimate: ended() });

    function ended(): EstimateState {
      if (result.ok) return { status: "done", of, estimate: result.value.estimate };
      if (result.error.kind !== "Failed") return { status: "none" };
      return { status: "failed", of, problem: { kind: "trainer", error: result.error.error } };
    }
  }

  return {
    estimate: () => void estimate(),
    cancelEstimate() {
      running?.cancel();
    },
  };
}
