import type { StorageError } from "#files/byteFiles.ts";
import type { LocalModel } from "#library/localModel.ts";
import type { CurvePoint, LookPoint, RunId, RunPlan, RunRecord } from "#runs/run.ts";
import type { TrainerProgress } from "#workers/trainerClient.ts";
import type { TrainerError } from "#workers/trainerProtocol.ts";
import { type Pixels, pixelsOf } from "../pixels.ts";
import { beginStage, type Stage, stageAfter } from "./stage.ts";

/** Pictures of a look, in the order of the plan. */
export interface LookPictures {
  readonly step: number;
  readonly pictures: readonly Pixels[];
}

export type RunState =
  /** Latents, seam, base: what comes before the first step. */
  | { readonly status: "preparing"; readonly stage: Stage }
  /** wish: what was asked for and comes with the end of the step. */
  | { readonly status: "training"; readonly wish: "pause" | "stop" | null; readonly stage: Stage }
  | { readonly status: "paused" }
  /** notKept: why the library does not have the model. */
  | { readonly status: "finished"; readonly model: LocalModel; readonly notKept: StorageError | null }
  | { readonly status: "failed"; readonly error: TrainerError };

/** The run that the page looks at. */
export interface LiveRun {
  readonly id: RunId;
  readonly plan: RunPlan;
  readonly state: RunState;
  readonly step: number;
  readonly steps: number;
  readonly curve: readonly CurvePoint[];
  readonly looks: readonly LookPoint[];
  /** Drawn by what it began with; null where that is nobody's. */
  readonly base: readonly Pixels[] | null;
  /** In order of steps. */
  readonly pictures: readonly LookPictures[];
  /** Step of the last checkpoint; null before the first. */
  readonly keptStep: number | null;
  /** Why checkpoints cannot be written at the moment. */
  readonly notKept: StorageError | null;
}

export type TrainingEvent =
  | { readonly type: "run-began"; readonly run: LiveRun }
  | { readonly type: "run-progress"; readonly event: TrainerProgress; readonly at: number }
  | { readonly type: "run-wished"; readonly wish: "pause" | "stop" }
  | { readonly type: "run-ended"; readonly state: RunState }
  | { readonly type: "run-closed" };

/** A run that is about to be trained. */
export const newLiveRun = (id: RunId, plan: RunPlan, at: number): LiveRun => ({
  id,
  plan,
  state: { status: "preparing", stage: beginStage(at) },
  step: 0,
  steps: plan.steps,
  curve: [],
  looks: [],
  base: null,
  pictures: [],
  keptStep: null,
  notKept: null,
});

/** A kept run as it is looked at. pictures: as storage has them; model: what it became, if the library still has it. */
export function keptRun(
  { id, plan, progress }: RunRecord,
  pictures: readonly { readonly step: number | "base"; readonly pictures: readonly Pixels[] }[],
  model: LocalModel | null,
): LiveRun {
  const isFinished = progress?.status === "finished" && model !== null;
  return {
    id,
    plan,
    state: isFinished ? { status: "finished", model, notKept: null } : { status: "paused" },
    step: progress?.step ?? 0,
    steps: progress?.steps ?? plan.steps,
    curve: progress?.curve ?? [],
    looks: progress?.looks ?? [],
    base: pictures.find(({ step }) => step === "base")?.pictures ?? null,
    pictures: pictures.flatMap(({ step, pictures: drawn }) =>
      step === "base" ? [] : [{ step, pictures: drawn }],
    ),
    keptStep: progress?.step ?? null,
    notKept: null,
  };
}

export function trainingReducer(run: LiveRun | null, event: TrainingEvent): LiveRun | null {
  if (event.type === "run-began") return event.run;
  if (event.type === "run-closed" || !run) return null;
  switch (event.type) {
    case "run-progress":
      return withProgress(run, event.event, event.at);
    case "run-wished":
      return run.state.status === "training" ? { ...run, state: { ...run.state, wish: event.wish } } : run;
    case "run-ended":
      return { ...run, state: event.state };
    default:
      return event satisfies never;
  }
}

function withProgress(run: LiveRun, event: TrainerProgress, at: number): LiveRun {
  switch (event.type) {
    case "download":
    case "progress":
      return isUnderWay(run.state)
        ? { ...run, state: { ...run.state, stage: stageAfter(run.state.stage, event, at) } }
        : run;
    case "began": {
      // What was made after the checkpoint that it goes on from is made again.
      const { step, of } = event;
      return {
        ...run,
        step,
        steps: of,
        state: { status: "training", wish: null, stage: beginStage(at) },
        curve: run.curve.filter((point) => point.step <= step),
        looks: run.looks.filter((look) => look.step <= step),
        pictures: run.pictures.filter((look) => look.step <= step),
      };
    }
    case "step": {
      const { step, loss, parts, gradientNorm, rate, ms } = event;
      const point: CurvePoint = { step, loss, parts, gradientNorm, rate, ms };
      return { ...run, step, steps: event.of, curve: [...run.curve, point] };
    }
    case "look": {
      const { step, heldOutLoss, similarity } = event;
      return { ...run, looks: [...run.looks, { step, heldOutLoss, similarity }] };
    }
    case "pictures": {
      const pictures = event.pictures.map(pixelsOf);
      if (event.pictures.length === 0) return run;
      if (event.base) return { ...run, base: pictures };
      const others = run.pictures.filter(({ step }) => step !== event.step);
      return { ...run, pictures: [...others, { step: event.step, pictures }] };
    }
    case "checkpointed":
      return { ...run, keptStep: event.step, notKept: null };
    case "not-kept":
      return event.what === "run" ? { ...run, notKept: event.error } : run;
    default:
      return event satisfies never;
  }
}

const isUnderWay = (state: RunState): state is Extract<RunState, { status: "preparing" | "training" }> =>
  state.status === "preparing" || state.status === "training";

/** Steps that a pace is told by. */
const RECENT = 20;

/** Milliseconds of a step, the median of the last few; null before that can be told. */
export function stepMsOf({ curve }: Pick<LiveRun, "curve">): number | null {
  const recent = curve.slice(-RECENT);
  if (recent.length < 3) return null;
  const times = recent.map(({ ms }) => ms).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? null;
}

/** Milliseconds until the last step is made, looks not counted; null before the pace can be told. */
export function trainingLeftMs(run: LiveRun): number | null {
  const stepMs = stepMsOf(run);
  return stepMs === null ? null : stepMs * (run.steps - run.step);
}
