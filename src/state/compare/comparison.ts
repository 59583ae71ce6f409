import type { DrawingKey, Grid } from "#compare/cell.ts";
import type { ComparisonSettings, SettingsProblem } from "#compare/settings.ts";
import type { ImageSettings } from "#images/settings.ts";
import type { EngineError, Evaluations } from "#workers/protocol.ts";
import type { Pixels } from "../pixels.ts";

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
  /** Null with fewer than two seeds of a class. */
  readonly sUnrel: number | null;
  readonly sNorm: number | null;
  /** Bootstrap 95 % interval of sNorm. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** s_norm of two runs of one recipe that differ in the training seed alone, and where the number is from. */
export interface NoiseFloor {
  readonly sNorm: number;
  readonly interval: readonly [low: number, high: number] | null;
  /** `zoo`: measured beforehand over many seeds; `grid`: from the cells of this grid. */
  readonly from: "zoo" | "grid";
}

/** Function evaluations of the whole grid. */
export interface Cost {
  /** What the plan spends: shared stretches once. */
  readonly planned: Evaluations;
  /** What drawing every cell for itself would. */
  readonly naive: Evaluations;
  /** What has been spent on finished stretches of this grid. */
  readonly spent: Evaluations;
}

/** Time until the grid is done, as far as it can be told. */
export interface TimeEstimate {
  readonly ms: number;
  /** `measured`: every model of the grid has been timed here; `guessed`: some are scaled by their number of weights. */
  readonly basis: "measured" | "guessed";
}

export type RunState =
  | { readonly status: "idle" }
  /** Weights are on their way. */
  | { readonly status: "loading" }
  | { readonly status: "running" }
  | { readonly status: "paused" }
  | { readonly status: "finished"; readonly ms: number }
  | { readonly status: "failed"; readonly error: EngineError };

/** Everything of the Compare page. */
export interface Comparison {
  readonly settings: ComparisonSettings;
  /** Null before the manifest is there and while the settings make no grid. */
  readonly grid: Grid | null;
  readonly problem: SettingsProblem | null;
  readonly run: RunState;
  /** By Cell.key; a key that is missing waits. */
  readonly drawings: Readonly<Record<DrawingKey, Drawing>>;
  /** By number of the cell in the grid. */
  readonly numbers: readonly (CellNumbers | null)[];
  readonly lines: readonly LineSimilarity[];
  readonly noiseFloor: NoiseFloor | null;
  readonly cost: Cost | null;
  /** Before the start for the whole grid, then for what is left; null while nothing is known. */
  readonly timeLeft: TimeEstimate | null;
  /** Time that the scrubber shows; null is the finished picture. */
  readonly scrub: {
    readonly t: number;
    /** Full decodes of x̂1 at t, by Cell.key, of the cells that were visible when the scrubber rested. */
    readonly decoded: Readonly<Record<DrawingKey, Pixels>>;
  } | null;
}
