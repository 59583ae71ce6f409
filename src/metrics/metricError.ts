/** Every way in which inputs do not fit a metric, with its numbers. `metric` names it in words. */
export type MetricProblem =
  /** Pairs need as many of one as of the other. */
  | {
      readonly kind: "CountsDiffer";
      readonly metric: string;
      readonly first: number;
      readonly second: number;
    }
  /** Features of two networks, or states of two latent spaces. */
  | { readonly kind: "SizesDiffer"; readonly metric: string; readonly first: number; readonly second: number }
  | {
      readonly kind: "TooFewSamples";
      readonly metric: string;
      readonly samples: number;
      readonly needed: number;
    }
  /** NaN or infinity, first in this sample. */
  | { readonly kind: "NotFinite"; readonly metric: string; readonly sample: number }
  /** A sample of zeros alone has no cosine. */
  | { readonly kind: "NoDirection"; readonly metric: string; readonly sample: number }
  /** A class with one sample has no stranger to be paired with. */
  | { readonly kind: "LoneSample"; readonly label: number }
  /** No attribute was read in either image of the pair. */
  | { readonly kind: "NothingApplies"; readonly pair: number }
  | {
      readonly kind: "ImageSizesDiffer";
      readonly first: { readonly width: number; readonly height: number };
      readonly second: { readonly width: number; readonly height: number };
    }
  | {
      readonly kind: "ImageTooSmall";
      readonly width: number;
      readonly height: number;
      readonly needed: number;
    }
  /** The bytes of an image are not four a pixel. */
  | { readonly kind: "WrongByteCount"; readonly bytes: number; readonly expected: number };

/** Inputs that a metric cannot be computed of; `problem` says which and with what numbers. */
export class MetricError extends RangeError {
  override readonly name = "MetricError";
  constructor(readonly problem: MetricProblem) {
    super(describeMetricProblem(problem));
  }
}

/** A problem in one sentence, with what to do where there is something to do. */
export function describeMetricProblem(problem: MetricProblem): string {
  switch (problem.kind) {
    case "CountsDiffer":
      return `${problem.metric}: ${problem.first} and ${problem.second} samples; give as many of one as of the other`;
    case "SizesDiffer":
      return `${problem.metric}: vectors of ${problem.first} and ${problem.second} numbers; take both from one network`;
    case "TooFewSamples":
      return `${problem.metric}: ${problem.samples} samples, but at least ${problem.needed} are needed`;
    case "NotFinite":
      return `${problem.metric}: sample ${problem.sample} holds NaN or infinity`;
    case "NoDirection":
      return `${problem.metric}: sample ${problem.sample} is all zeros and has no direction`;
    case "LoneSample":
      return `class ${problem.label} has 1 sample, which cannot be paired with another of it; give at least 2`;
    case "NothingApplies":
      return `attribute agreement: no attribute applies to pair ${problem.pair}`;
    case "ImageSizesDiffer": {
      const { first, second } = problem;
      return `images of ${first.width}×${first.height} and ${second.width}×${second.height} pixels have no common pixels to compare`;
    }
    case "ImageTooSmall":
      return `SSIM: an image of ${problem.width}×${problem.height} pixels, the window needs ${problem.needed}×${problem.needed}`;
    case "WrongByteCount":
      return `an image of ${problem.bytes} bytes, where its size needs ${problem.expected}`;
    default:
      return problem satisfies never;
  }
}
