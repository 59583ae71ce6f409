/** Every way in which a training cannot go on, with its numbers. */
export type TrainingProblem =
  /** The loss of step number `step` (0, 1, …) is not a finite number; weights and moments are those before it. */
  | { readonly kind: "Diverged"; readonly step: number; readonly loss: number }
  | { readonly kind: "BadOption"; readonly option: string; readonly value: number; readonly reason: string }
  /** A stored state of another network, data set or way of training. */
  | {
      readonly kind: "StateDoesNotFit";
      readonly what: string;
      readonly actual: number;
      readonly expected: number;
    }
  | { readonly kind: "NoSamples" }
  | { readonly kind: "LabelOutOfRange"; readonly label: number; readonly classes: number }
  /** Latents of another size than the network's. */
  | {
      readonly kind: "LatentsDoNotFit";
      readonly actual: readonly number[];
      readonly expected: readonly number[];
    }
  /** Low-rank matrices were asked for where the network has no linear layer of that name. */
  | { readonly kind: "NoSuchLayer"; readonly layer: string };

/** A training that cannot go on; `problem` says why. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
  constructor(readonly problem: TrainingProblem) {
    super(describeTrainingProblem(problem));
  }
}

/** A problem in one sentence, with what to do where there is something to do. */
export function describeTrainingProblem(problem: TrainingProblem): string {
  switch (problem.kind) {
    case "Diverged":
      return `the loss of step ${problem.step} is ${problem.loss}: lower the learning rate; the weights are still those before it`;
    case "BadOption":
      return `${problem.option} is ${problem.value}: ${problem.reason}`;
    case "StateDoesNotFit":
      return `${problem.what}: ${problem.actual} in the stored run, ${problem.expected} in this one; it belongs to another training`;
    case "NoSamples":
      return "there are no samples to train on";
    case "LabelOutOfRange":
      return `a sample has the label ${problem.label}, the network ${problem.classes} classes`;
    case "LatentsDoNotFit":
      return `latents of height, width, channels ${problem.actual.join("×")}, the network takes ${problem.expected.join("×")}`;
    case "NoSuchLayer":
      return `the network has no linear layer ${problem.layer}`;
    default:
      return problem satisfies never;
  }
}
