import type { Family } from "#checkpoints/manifest.ts";
import type { DrawingKey } from "#compare/cell.ts";
import type { Evaluations } from "#compare/course.ts";
import { NO_EVALUATIONS } from "#compare/course.ts";
import { NO_PACE, type Pace, type TimeEstimate } from "#compare/estimate.ts";
import type { RoutedGrid } from "#compare/grid.ts";
import { EMPTY_PLAN, type Plan } from "#compare/plan.ts";
import { moveTheSwitch } from "#compare/presets.ts";
import type { StretchKey } from "#compare/route.ts";
import type { ComparisonSettings, SettingsProblem } from "#compare/settings.ts";
import type { Unit } from "#compare/unit.ts";
import type { ImageSettings } from "#images/settings.ts";
import type { BackendName, EngineError, JobId, PartName } from "#workers/protocol.ts";
import type { Pixels } from "../pixels.ts";
import { DEFAULT_SETTINGS } from "../settings.ts";

export type { TimeEstimate };

/** Where a trajectory was at some times on its way, in order. Latents are the engine's own f32 order, opaque but for
 *  cosines. */
export interface Track {
  readonly points: readonly TrackPoint[];
}

export interface TrackPoint {
  /** 0-based solver step; `t` is where it begins, `tNext` where it ends. */
  readonly step: number;
  readonly t: number;
  readonly tNext: number;
  readonly served: "light" | "heavy";
  /** At tNext. */
  readonly state: Float32Array<ArrayBuffer>;
  /** x̂1 as seen at t. */
  readonly x1Hat: Float32Array<ArrayBuffer>;
  /** x̂1 through the linear map, at latent resolution; null for another autoencoder than the family's own. */
  readonly preview: Pixels | null;
}

/** What the feature networks see in a picture; each null where the family has no such network. */
export interface Features {
  readonly embedding: Float32Array<ArrayBuffer> | null;
  readonly seen: { readonly label: number; readonly values: readonly (string | null)[] } | null;
}

/** A picture of the grid, with everything that made it. */
export interface Picture {
  /** What a PNG of it carries. A cell with another tau or model text of the same trajectory is exported with its own:
   *  see `pictureSettings`. */
  readonly settings: ImageSettings;
  readonly pixels: Pixels;
  /** State at t = 1. */
  readonly latent: Float32Array<ArrayBuffer>;
}

/** How far one trajectory has come; several cells may show it. The track grows on the way. */
export type Drawing =
  | { readonly status: "waiting"; readonly track: Track }
  | {
      readonly status: "running";
      readonly track: Track;
      /** 1-based solver step just made, of all steps of the trajectory. */
      readonly step: number;
      readonly of: number;
      readonly t: number;
      readonly served: "light" | "heavy";
    }
  /** All steps made; the decoder has not been there yet. */
  | { readonly status: "drawn"; readonly track: Track }
  | {
      readonly status: "finished";
      readonly track: Track;
      readonly picture: Picture;
      /** Null until the feature networks have seen it. */
      readonly features: Features | null;
      readonly nfe: Evaluations;
    }
  | { readonly status: "failed"; readonly track: Track; readonly error: EngineError };

/** A cell against the cell it is compared with (docs/decisions). A number is null where it cannot be had: latents of
 *  different autoencoders, no such feature network, not measured yet. */
export interface CellNumbers {
  /** What it was compared with; numbers against an older reference are dropped. */
  readonly against: DrawingKey;
  /** Cosine of the final latents. */
  readonly latentCosine: number | null;
  /** Cosine of the states at the cell's own recorded times. */
  readonly along: { readonly t: readonly number[]; readonly cosine: readonly number[] } | null;
  /** Pixels 0 … 255: mean squared error, PSNR in dB (null: equal pictures, infinite), SSIM. */
  readonly image: {
    readonly mse: number;
    readonly psnr: number | null;
    readonly ssim: number;
  } | null;
  readonly embeddingCosine: number | null;
  /** Attributes that the classifier reads alike in both, of those it reads in both. */
  readonly attributes: { readonly agreed: number; readonly of: number } | null;
}

/** Same-seed similarity of one setting against the reference's, over the seeds of the grid. */
export interface LineSimilarity {
  /** Places of the line's cells, one a seed. */
  readonly cells: readonly number[];
  readonly seeds: number;
  readonly s: number;
  /** Over all strangers of a class; null where a seed is alone in its class. */
  readonly sUnrel: number | null;
  readonly sNorm: number | null;
  /** Bootstrap 95 % interval of sNorm; null for fewer seeds than `LEAST_SEEDS`. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** s_norm of two runs of one recipe that differ in the training seed alone, and where the number is from. */
export interface NoiseFloor {
  readonly sNorm: number;
  readonly interval: readonly [low: number, high: number] | null;
  /** `zoo`: measured beforehand over many seeds; `grid`: from the cells of this grid. */
  readonly from: "zoo" | "grid";
}

/** Function evaluations of the whole grid. When it is finished without a break, kept + spent = planned; what was interrupted
 *  and computed again has been spent as well. */
export interface Cost {
  /** What the plan spends from nothing: shared stretches once. */
  readonly planned: Evaluations;
  /** What drawing every cell for itself would. */
  readonly naive: Evaluations;
  /** What the grid had already when its settings were last changed. */
  readonly kept: Evaluations;
  /** What has been spent since, step by step, whether or not it is kept. */
  readonly spent: Evaluations;
  /** What is still to be spent, told when something closes. */
  readonly left: Evaluations;
}

export type RunState =
  | { readonly status: "idle" }
  /** The connection is metered: these weights wait for the word of the reader. */
  | { readonly status: "asks"; readonly parts: readonly PartName[] }
  /** Weights are on their way, and nothing can be drawn without them. */
  | { readonly status: "loading" }
  | { readonly status: "running" }
  | { readonly status: "paused" }
  | { readonly status: "finished"; readonly ms: number }
  | { readonly status: "failed"; readonly error: EngineError };

/** What there is of a stretch. */
export interface StretchProgress {
  /** Recorded on the way, in order. */
  readonly points: readonly TrackPoint[];
  /** Latents by the number of steps made: at the recorded points, where branches start, and at the end. */
  readonly states: ReadonlyMap<number, Float32Array<ArrayBuffer>>;
  /** Why it cannot be computed. */
  readonly error: EngineError | null;
}

/** What the engine does for the page now: one thing at a time. */
export type Work =
  /** A few steps that nobody sees, so that a time can be told before anything is drawn. */
  | { readonly kind: "timing"; readonly job: JobId; readonly model: string }
  /** What they have come to is decoded, for the same reason. */
  | { readonly kind: "timing-decode"; readonly job: JobId }
  | {
      readonly kind: "unit";
      readonly job: JobId;
      readonly unit: Unit;
      /** Steps up to which states have arrived: where it goes on when it is interrupted. */
      readonly reached: number;
    }
  /** Final latents to pictures. */
  | { readonly kind: "decode"; readonly job: JobId; readonly keys: readonly DrawingKey[] }
  /** x̂1 at the scrubber's time to pictures. */
  | {
      readonly kind: "decode-x1hat";
      readonly job: JobId;
      readonly t: number;
      readonly keys: readonly DrawingKey[];
    }
  | { readonly kind: "describe"; readonly job: JobId; readonly keys: readonly DrawingKey[] };

/** Everything of the Compare page. */
export interface Comparison {
  /** How often everything that had been drawn was let go. */
  readonly generation: number;
  readonly settings: ComparisonSettings;
  /** The family of the settings; null before the manifest is there. */
  readonly family: Family | null;
  /** Null before the manifest is there and while the settings make no grid. */
  readonly grid: RoutedGrid | null;
  readonly plan: Plan;
  /** Number of the cell that each cell of the grid is compared with. */
  readonly partners: readonly number[];
  readonly problem: SettingsProblem | null;
  readonly run: RunState;
  readonly work: Work | null;
  readonly stretches: Readonly<Record<StretchKey, StretchProgress>>;
  /** By Cell.key; a key that is missing waits. */
  readonly drawings: Readonly<Record<DrawingKey, Drawing>>;
  /** By number of the cell in the grid. */
  readonly numbers: readonly (CellNumbers | null)[];
  /** Those that have been measured. */
  readonly lines: readonly LineSimilarity[];
  readonly noiseFloor: NoiseFloor | null;
  readonly cost: Cost;
  readonly pace: Pace;
  /** Where the steps that were timed have come to, until its decoding is timed as well. */
  readonly timedState: Float32Array<ArrayBuffer> | null;
  /** For what is left of the grid; null while nothing is known. */
  readonly timeLeft: TimeEstimate | null;
  /** Wall time of the jobs that this grid took so far. */
  readonly ms: number;
  /** Starts side by side, when the engine's own choice ran out of memory. */
  readonly sideBySide: number | null;
  /** What the pictures were drawn on; they are not compared with those of another backend. */
  readonly backend: BackendName | null;
  /** Why the feature networks could not be used; null while they can. */
  readonly featuresError: EngineError | null;
  /** Time that the scrubber shows; null is the finished picture. */
  readonly scrub: {
    readonly t: number;
    /** Full decodes of x̂1 at t, by Cell.key, of the cells that were visible when the scrubber rested. */
    readonly decoded: Readonly<Record<DrawingKey, Pixels>>;
  } | null;
}

/** Until the manifest is there: the family that is usual, with the settings that are. */
export const DEFAULT_COMPARISON: ComparisonSettings = moveTheSwitch({
  name: DEFAULT_SETTINGS.family,
  classes: [],
  defaults: DEFAULT_SETTINGS,
});

export const NO_COST: Cost = {
  planned: NO_EVALUATIONS,
  naive: NO_EVALUATIONS,
  kept: NO_EVALUATIONS,
  spent: NO_EVALUATIONS,
  left: NO_EVALUATIONS,
};

export const INITIAL_COMPARISON: Comparison = {
  generation: 0,
  settings: DEFAULT_COMPARISON,
  family: null,
  grid: null,
  plan: EMPTY_PLAN,
  partners: [],
  problem: null,
  run: { status: "idle" },
  work: null,
  stretches: {},
  drawings: {},
  numbers: [],
  lines: [],
  noiseFloor: null,
  cost: NO_COST,
  pace: NO_PACE,
  timedState: null,
  timeLeft: null,
  ms: 0,
  sideBySide: null,
  backend: null,
  featuresError: null,
  scrub: null,
};

export const NO_PROGRESS: StretchProgress = { points: [], states: new Map(), error: null };
export const NO_TRACK: Track = { points: [] };
export const WAITING: Drawing = { status: "waiting", track: NO_TRACK };
