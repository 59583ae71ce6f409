/** The wire between the page and the measure worker, which compares pictures and vectors away from the main thread.
 *  Types only.
 *
 *  Every question is answered by exactly one `answered`, `failed` or `cancelled` of its id. Questions are served one
 *  at a time: difference pictures first, since somebody waits for them with open eyes, all others in the order they
 *  arrive. `cancel` takes a question that waits out of the queue; one that is being computed is finished (a few
 *  milliseconds, tens for intervals) and answered all the same. Buffers of a question are copied, so the page keeps
 *  its own; the buffer of a `difference` answer is transferred, the worker keeps no copy. */
import type { DifferenceColours } from "#metrics/differenceImage.ts";
import type { Estimate } from "#metrics/estimate.ts";
import type { MetricProblem } from "#metrics/metricError.ts";
import type { SeedSimilarity } from "#metrics/seedSimilarity.ts";

export type QuestionId = number;

/** A picture as the engine sends it: RGBA bytes by rows. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: ArrayBuffer;
}

/** Two pictures in pixels. */
export interface ImagesQuestion {
  readonly reference: Picture;
  readonly image: Picture;
}
export interface ImagesAnswer {
  /** Squared levels of 0..255. */
  readonly mse: number;
  /** dB; null for equal pictures (infinite). */
  readonly psnr: number | null;
  readonly ssim: number;
}

/** Pairs of vectors, f32 each: the states (or x̂1) of two trajectories at the same times, or embeddings. */
export interface VectorsQuestion {
  readonly reference: readonly ArrayBuffer[];
  readonly vectors: readonly ArrayBuffer[];
}
export interface VectorsAnswer {
  /** One a pair, in [−1, 1]. */
  readonly cosines: readonly number[];
}

/** Features of two lists of pictures of the same seeds, f32 [D] each. */
export interface SimilarityQuestion {
  readonly a: readonly ArrayBuffer[];
  readonly b: readonly ArrayBuffer[];
  /** Class of each pair: strangers of a class are compared as well. */
  readonly labels: readonly number[];
}

/** The mean of one number a seed, in blocks of seeds; of values − against where `against` is given. */
export interface IntervalQuestion {
  readonly blocks: readonly (readonly number[])[];
  readonly against: readonly (readonly number[])[] | null;
}

/** A picture of what differs; see metrics/differenceImage.ts. */
export interface DifferenceQuestion {
  readonly reference: Picture;
  readonly image: Picture;
  /** Difference in levels (1 … 255) that is shown at full strength. */
  readonly fullAt: number;
  readonly colours: DifferenceColours;
}

export type Question =
  | ({ readonly kind: "images" } & ImagesQuestion)
  | ({ readonly kind: "vectors" } & VectorsQuestion)
  | ({ readonly kind: "similarity" } & SimilarityQuestion)
  | ({ readonly kind: "interval" } & IntervalQuestion)
  | ({ readonly kind: "difference" } & DifferenceQuestion);

export type MeasureRequest =
  | { readonly type: "ask"; readonly id: QuestionId; readonly question: Question }
  | { readonly type: "cancel"; readonly id: QuestionId };

export type Answer =
  | { readonly kind: "images"; readonly value: ImagesAnswer }
  | { readonly kind: "vectors"; readonly value: VectorsAnswer }
  | { readonly kind: "similarity"; readonly value: SeedSimilarity }
  | { readonly kind: "interval"; readonly value: Estimate }
  | { readonly kind: "difference"; readonly value: Picture };

export type MeasureReply =
  | { readonly type: "answered"; readonly id: QuestionId; readonly answer: Answer }
  | { readonly type: "cancelled"; readonly id: QuestionId }
  | { readonly type: "failed"; readonly id: QuestionId; readonly error: MeasureError };

/** Every way a question can go without an answer. `describeMetricProblem` of metrics/metricError.ts words the first. */
export type MeasureError =
  | { readonly kind: "Unfit"; readonly problem: MetricProblem }
  | { readonly kind: "Cancelled" }
  /** The worker could not be started, died, or met an error that is no metric's. */
  | { readonly kind: "Internal"; readonly detail: string };
