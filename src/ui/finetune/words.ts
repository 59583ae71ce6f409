import { describeStoreProblem } from "#datasets/storeError.ts";
import type { StorageError } from "#files/byteFiles.ts";
import { describeScoringProblem } from "#scoring/scoringError.ts";
import type { ChoiceName, CriterionGroup, CriterionName, Evidence } from "#state/finetune/criteria.ts";
import { keptNow } from "#state/finetune/currentPlan.ts";
import type { Finetune, Step } from "#state/finetune/finetune.ts";
import type { FinetuneProblem } from "#state/finetune/problem.ts";
import type { ScoreName } from "#state/finetune/scores.ts";
import { type Stage, stageLeftMs } from "#state/finetune/stage.ts";
import type { LiveRun } from "#state/finetune/training.ts";
import { describeTrainingProblem } from "#training/trainingError.ts";
import { errorWords } from "#ui/shared/errorWords.ts";
import { aboutText, bytesText, countText } from "#ui/shared/format.ts";
import type { TrainerError, TrainerPhase } from "#workers/trainerProtocol.ts";

export const STEP_TITLES: Readonly<Record<Step, string>> = {
  pictures: "Pictures",
  choice: "What matters",
  training: "Train",
  result: "Result",
};

/** Where a step stands, in a few words; empty while there is nothing to say. */
export function stepDetail(step: Step, state: Finetune): string {
  switch (step) {
    case "pictures":
      if (state.importing?.status === "running") return "Coming in";
      return state.set ? `${countText(state.set.record.count, "picture")} of ${state.set.record.name}` : "";
    case "choice": {
      const mask = keptNow(state);
      if (!state.set || !mask) return "";
      const kept = mask.reduce((sum, one) => sum + one, 0);
      return kept === mask.length ? `All ${kept}` : `${kept} of ${mask.length} kept`;
    }
    case "training":
      return state.run ? runDetail(state.run) : "";
    case "result":
      return state.run?.state.status === "finished" ? state.run.state.model.name : "";
    default:
      return step satisfies never;
  }
}

/** Where a run stands, in a few words. */
export function runDetail({ state, step, steps }: LiveRun): string {
  switch (state.status) {
    case "preparing":
      return "Preparing";
    case "training":
      return `Step ${step} of ${steps}`;
    case "paused":
      return `Paused at step ${step} of ${steps}`;
    case "finished":
      return `${countText(step, "step")} made`;
    case "failed":
      return `Interrupted at step ${step}`;
    default:
      return state satisfies never;
  }
}

/** What a run is at, said once as it changes: steps would be too many to be read out. */
export function runStatus(run: LiveRun): string {
  const { state } = run;
  if (state.status !== "training") return runDetail(run);
  if (state.wish === "pause") return "Pausing after this step";
  if (state.wish === "stop") return "Stopping after this step";
  return "Training";
}

/** What a criterion is called, and what it does. */
export interface CriterionWords {
  readonly title: string;
  /** Letters of the paper: base, lower and upper index. */
  readonly symbol: readonly [base: string, sub?: string, sup?: string];
  readonly text: string;
}

export const CRITERION_WORDS: Readonly<Record<ChoiceName, CriterionWords>> = {
  all: { title: "Everything", symbol: ["all"], text: "No picture is left out." },
  Cb: {
    title: "Balanced clusters",
    symbol: ["C", "b"],
    text: "As many from every cluster, the most typical of each. What the paper found best for faces.",
  },
  "Cb-furthest": {
    title: "Balanced, least typical",
    symbol: ["C", "b", "far"],
    text: "As many from every cluster, those farthest from its middle.",
  },
  "Cb-kernel": {
    title: "Balanced, spread out",
    symbol: ["C", "b", "κ"],
    text: "As many from every cluster, chosen by kernel herding so that together they stand for all of it.",
  },
  BxL: {
    title: "Balanced, easiest",
    symbol: ["B×L"],
    text: "As many from every cluster, those of lowest loss. An addition of this project.",
  },
  Cp: {
    title: "Proportional clusters",
    symbol: ["C", "p"],
    text: "The same share of every cluster, the most typical of each. Rounded down, so a few less may be kept.",
  },
  "Cp-furthest": {
    title: "Proportional, least typical",
    symbol: ["C", "p", "far"],
    text: "The same share of every cluster, those farthest from its middle.",
  },
  L: { title: "Highest loss", symbol: ["L"], text: "The pictures that an early model finds hardest." },
  "L-inverse": {
    title: "Lowest loss",
    symbol: ["L", undefined, "−1"],
    text: "The pictures that an early model finds easiest: odd and broken ones go first.",
  },
  G: {
    title: "Largest gradient",
    symbol: ["G"],
    text: "The pictures that would change an early model most.",
  },
  "G-inverse": {
    title: "Smallest gradient",
    symbol: ["G", undefined, "−1"],
    text: "The pictures that would change an early model least.",
  },
  dominance: {
    title: "Dominance",
    symbol: ["D"],
    text: "The pictures without which the ideal velocity would change most. Needs no network; an addition of this project.",
  },
  "k-center": {
    title: "Cover the set",
    symbol: ["k-center"],
    text: "Every picture has a kept one close by: the next is always the farthest from all so far.",
  },
  herding: {
    title: "Keep the mean",
    symbol: ["herding"],
    text: "The mean of the kept pictures' features stays at the mean of all.",
  },
  random: { title: "At random", symbol: ["random"], text: "What every criterion has to beat." },
  "drop-cluster": {
    title: "Drop clusters",
    symbol: ["drop"],
    text: "Whole clusters go, by chance: how much does a model miss that never saw them?",
  },
};

/** A criterion's letters as plain text: "C_b^κ". */
export function symbolText([base, sub, sup]: CriterionWords["symbol"]): string {
  return `${base}${sub ? `_${sub}` : ""}${sup ? `^${sup}` : ""}`;
}

export const GROUP_TITLES: Readonly<Record<CriterionGroup["name"], string>> = {
  clusters: "By clusters of features",
  loss: "By loss",
  gradient: "By gradient",
  dominance: "By dominance",
  cover: "By cover",
  baselines: "To compare with",
};

export const EVIDENCE_WORDS: Readonly<Record<Evidence, { readonly title: string; readonly text: string }>> = {
  features: { title: "Features and clusters", text: "One pass of a network a picture." },
  loss: { title: "Loss", text: "Sixteen passes of a light model a picture." },
  gradient: { title: "Gradient", text: "Takes about three times as long as the loss, which comes with it." },
  dominance: { title: "Dominance", text: "Arithmetic on latents, without a network." },
};

export const SCORE_WORDS: Readonly<
  Record<ScoreName, { readonly title: string; readonly symbol: string; readonly text: string }>
> = {
  loss: {
    title: "Loss",
    symbol: "L",
    text: "Flow-matching loss against the mean of all pictures, which is 1",
  },
  gradient: {
    title: "Gradient",
    symbol: "G",
    text: "Squared length of the gradient against the mean of all pictures, which is 1",
  },
  dominance: { title: "Dominance", symbol: "D", text: "Change of the ideal velocity without the picture" },
  distance: { title: "Distance to the centroid", symbol: "d", text: "How untypical it is of its cluster" },
};

export const PHASE_WORDS: Readonly<Record<TrainerPhase, string>> = {
  encoding: "Encoding the pictures",
  losses: "Measuring losses",
  gradients: "Measuring gradients",
  features: "Looking at features",
  dominance: "Computing dominance",
  seam: "Preparing the hand-over",
  "trial-steps": "Trying a few steps",
  base: "Drawing with the base model",
};

/** What a job is at: "Measuring losses, 120 of 500, about 40 s left". */
export function stageText(stage: Stage): string {
  const { phase, done, of, download } = stage;
  if (download)
    return `Fetching the ${download.part}, ${bytesText(download.loadedBytes)} of ${bytesText(download.totalBytes)}`;
  if (!phase) return "Starting";
  const left = stageLeftMs(stage);
  const count = of > 1 ? `, ${done} of ${of}` : "";
  return `${PHASE_WORDS[phase]}${count}${left === null ? "" : `, about ${aboutText(left)} left`}`;
}

/** Share of a phase that is done, 0 … 1. */
export const stageShare = ({ done, of, download }: Stage): number =>
  download ? download.loadedBytes / Math.max(1, download.totalBytes) : of > 0 ? done / of : 0;

export interface ProblemWords {
  readonly title: string;
  readonly text: string;
}

/** Everything that can stand in the way, with what to do. */
export function problemWords(problem: FinetuneProblem): ProblemWords {
  switch (problem.kind) {
    case "trainer":
      return trainerWords(problem.error);
    case "datasets":
      return { title: "Storage", text: describeStoreProblem(problem.problem) };
    case "runs":
      return { title: "Runs could not be read or kept", text: storageText(problem.error) };
    case "set-missing":
      return {
        title: "This browser does not keep that data set",
        text: "The address names a set that was deleted, or that another browser has. Choose one here.",
      };
    default:
      return problem satisfies never;
  }
}

export const storageText = ({ kind, detail }: StorageError): string =>
  kind === "Full"
    ? "The browser's storage is full: delete a data set or a run, or make room on the disk."
    : `The browser keeps nothing here (${detail}).`;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Every way the trainer can fail, in words. */
export function trainerWords(error: TrainerError): ProblemWords {
  switch (error.kind) {
    case "NotStarted":
      return { title: "The trainer is not running", text: "Try again; it is started anew." };
    case "DatasetMissing":
      return {
        title: "The data set is gone",
        text: "It was deleted, here or in another tab. A run on it cannot go on; its model so far can still be kept.",
      };
    case "PicturesDoNotFit":
      return {
        title: "The pictures have another size than the models",
        text: `They have ${error.imageSize} pixels a side, the models draw ${error.expected}. Import them again for this family.`,
      };
    case "RunMissing":
      return { title: "The run is gone", text: "It was deleted, here or in another tab." };
    case "RunLocked":
      return {
        title: "Another tab is training this run",
        text: "A run is trained in one tab at a time. Go on there, or pause or close it there and try again here.",
      };
    case "CheckpointDamaged":
      return {
        title: "The run cannot go on",
        text: "Neither of its two checkpoints can be read: something outside this page has changed them. Start it again.",
      };
    case "BaseChanged":
      return {
        title: "The base model is another one now",
        text: `The run began with other weights of ${error.model} than there are today, and would no longer be the same run. Start it again.`,
      };
    case "ModelMissing":
      return {
        title: `There is no model ${error.model}`,
        text: `There are ${error.known.join(", ")}. A model of your own can be imported on the Models page.`,
      };
    case "NotTrainable":
      return {
        title: `${error.model} cannot be trained here`,
        text: `It is a ${error.architecture}; only diffusion transformers (DiT) are scored and trained with.`,
      };
    case "TeacherClassesDiffer":
      return {
        title: "The teacher calls its classes otherwise",
        text: `${error.teacher} knows classes under other labels than the trained model. Choose another teacher, or plain flow matching.`,
      };
    case "EvidenceMissing":
      return { title: "The scores are gone", text: "Measure them again." };
    case "TrainingOutOfMemory":
      return {
        title: "Out of memory",
        text:
          error.suggestedMicroBatch === null
            ? "Even one picture at a time did not fit. Train the light model or a LoRA, or close other tabs."
            : `${error.microBatch} pictures at once did not fit. With ${error.suggestedMicroBatch} at once it takes a little longer and learns the same.`,
      };
    case "Training":
      return { title: "Training cannot go on", text: sentence(describeTrainingProblem(error.problem)) };
    case "Scoring":
      return {
        title: "The pictures cannot be scored",
        text: sentence(describeScoringProblem(error.problem)),
      };
    case "Storage":
      return { title: "Storage", text: storageText(error.error) };
    case "InvalidJob":
      return { title: "These settings do not go together", text: `${error.field}: ${error.detail}` };
    default: {
      const { title, text } = errorWords(error);
      return { title, text };
    }
  }
}

/** Criteria that a score belongs to, for its histogram. */
export const SCORE_CRITERIA: Readonly<Record<ScoreName, readonly CriterionName[]>> = {
  loss: ["L", "L-inverse"],
  gradient: ["G", "G-inverse"],
  dominance: ["dominance"],
  distance: ["Cp", "Cb"],
};
