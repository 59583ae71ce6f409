/** Every way in which samples cannot be scored or selected, with its numbers. */
export type ScoringProblem =
  | { readonly kind: "NoSamples" }
  /** A ratio is in [0,1]. */
  | { readonly kind: "BadRatio"; readonly ratio: number }
  | { readonly kind: "ScoresNotFinite"; readonly bad: number; readonly of: number }
  /** A table's mean over samples at time number `time` is not a positive number. */
  | { readonly kind: "NoMean"; readonly time: number; readonly mean: number }
  /** A row of features that is all zero or not finite. */
  | { readonly kind: "NoDirection"; readonly sample: number }
  | { readonly kind: "TooManyClusters"; readonly clusters: number; readonly samples: number }
  /** A median distance needs two samples, and half of the pairs apart. */
  | { readonly kind: "NoPairs"; readonly samples: number }
  | { readonly kind: "FeaturesCoincide"; readonly samples: number }
  /** Oversampling repeats; it takes nothing away. */
  | { readonly kind: "CannotRepeat"; readonly kept: number; readonly size: number }
  /** A criterion asks for what was not computed. */
  | { readonly kind: "NotGathered"; readonly evidence: string }
  | {
      readonly kind: "CountsDiffer";
      readonly what: string;
      readonly count: number;
      readonly expected: number;
    };

/** Samples that cannot be scored or selected; `problem` says why. */
export class ScoringError extends RangeError {
  override readonly name = "ScoringError";
  constructor(readonly problem: ScoringProblem) {
    super(describeScoringProblem(problem));
  }
}

/** A problem in one sentence, with what to do where there is something to do. */
export function describeScoringProblem(problem: ScoringProblem): string {
  switch (problem.kind) {
    case "NoSamples":
      return "there are no samples to choose from";
    case "BadRatio":
      return `a pruning ratio is in 0 … 1, not ${problem.ratio}`;
    case "ScoresNotFinite":
      return `${problem.bad} of ${problem.of} scores are not finite numbers`;
    case "NoMean":
      return `a score needs a positive mean at each time; at time number ${problem.time} it is ${problem.mean}`;
    case "NoDirection":
      return `the features of sample ${problem.sample} have no direction: all zero, or not finite`;
    case "TooManyClusters":
      return `${problem.samples} samples cannot make ${problem.clusters} clusters`;
    case "NoPairs":
      return `${problem.samples} samples have no pair to take a median distance of`;
    case "FeaturesCoincide":
      return `half of all pairs of ${problem.samples} samples have the same features: their median distance is 0`;
    case "CannotRepeat":
      return `${problem.kept} samples cannot be repeated up to ${problem.size}`;
    case "NotGathered":
      return `the criterion needs ${problem.evidence}, which was not computed`;
    case "CountsDiffer":
      return `${problem.count} ${problem.what}, where ${problem.expected} are expected`;
    default:
      return problem satisfies never;
  }
}
