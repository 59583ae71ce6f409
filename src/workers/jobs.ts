/** What the engine can be asked to do with its models. Types only. All of it is served one after the other, in the order
 *  of asking. A latent on the wire is the f32 of one image in the engine's own order (H,W,C): opaque to the page, but
 *  for arithmetic that does not care about order, such as a cosine. */
import type { FeaturePart } from "#checkpoints/manifest.ts";
import type { SolverName } from "#flow/solvers/names.ts";

/** How a trajectory is drawn. */
export interface Drawing {
  /** Which models draw, as checkpoints/modelText.ts reads it. */
  readonly model: string;
  /** Switch time in [0,1]; read where two models take turns. */
  readonly tau: number;
  /** Points N of the time grid linspace(0,1,N), 2 … 1000: N−1 solver steps. */
  readonly steps: number;
  readonly solver: SolverName;
  /** Classifier-free guidance w, 0 … 20. */
  readonly guidance: number;
}

export interface ImageRequest {
  /** Integer 0 … 2⁵³−1. */
  readonly seed: number;
  /** Class index 0 … num_classes−1. */
  readonly label: number;
}

/** Pictures from noise to pixels. */
export interface GenerateJob extends Drawing {
  readonly family: string;
  readonly images: readonly ImageRequest[];
  /** Linear latent→RGB previews of x̂1 while sampling. */
  readonly previews: boolean;
  /** Images sampled side by side; null lets the engine choose. */
  readonly batch: number | null;
}

/** Where one trajectory of a stretch begins. */
export interface Start extends ImageRequest {
  /** Latent at grid[from]; null, with `from` = 0 alone: the seed's noise. */
  readonly x: ArrayBuffer | null;
}

/** A stretch of trajectories, all starts side by side: the solver steps `from` … `to`−1 of the plan that the drawing
 *  has. A stretch from 0 to N−1 is the whole trajectory, bit for bit as `generate` makes it. With `from` > 0 the solver has
 *  no history: cut a multistep solver's trajectory only where the model changes, where it has none either. */
export interface IntegrateJob extends Drawing {
  readonly family: string;
  /** 0-based steps, 0 ≤ from < to ≤ N−1. */
  readonly from: number;
  readonly to: number;
  /** 1 … 64. */
  readonly starts: readonly Start[];
  /** Steps, 0-based, from … to−1, after which states are sent. */
  readonly record: readonly number[];
}

/** Latents to pictures, one by one. */
export interface DecodeJob {
  readonly family: string;
  /** The model in whose latents they are: its autoencoder decodes. */
  readonly model: string;
  readonly items: readonly DecodeItem[];
}

export interface DecodeItem {
  readonly latent: ArrayBuffer;
  /** What made the latent, when the picture is to carry its settings as one of `generate` does. */
  readonly cell: (Drawing & ImageRequest) | null;
}

/** What the feature networks see in pictures, one by one. */
export interface DescribeJob {
  readonly family: string;
  readonly images: readonly DescribeImage[];
  /** Those that are not there yet are downloaded first. */
  readonly networks: readonly FeaturePart[];
}

/** RGBA bytes of a square picture, of the family's size or a multiple; alpha is not looked at. */
export interface DescribeImage extends Picture {
  /** Class that was asked for: attributes are read by it. null: by the class that is seen. */
  readonly label: number | null;
}

/** RGBA bytes, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: ArrayBuffer;
}

/** What the classifier sees in a picture. */
export interface Seen {
  /** Class index. */
  readonly label: number;
  /** Value of every attribute in the order of the classifier's heads (in the manifest); null where the class that they
   *  were read by has no such attribute. */
  readonly values: readonly (string | null)[];
}

/** Function evaluations of one trajectory. */
export interface Evaluations {
  readonly light: number;
  readonly heavy: number;
}
