/** Every way in which a network refuses its config, its weights or a request. Fields of a config keep the names
 *  that they have in checkpoints. */
export type ModelProblem =
  | { readonly kind: "BadConfig"; readonly field: string; readonly value: unknown; readonly reason: string }
  | { readonly kind: "HeadsDoNotDivide"; readonly hidden: number; readonly heads: number }
  | { readonly kind: "PatchDoesNotDivide"; readonly inputSize: number; readonly patch: number }
  | { readonly kind: "GroupsDoNotDivide"; readonly channels: number; readonly groups: number }
  /** Pictures that are not square, or no multiple of what the network reads. */
  | {
      readonly kind: "ImageSizeDoesNotFit";
      readonly height: number;
      readonly width: number;
      readonly networkSize: number;
    }
  | { readonly kind: "MissingWeight"; readonly name: string }
  | {
      readonly kind: "WrongShape";
      readonly name: string;
      readonly expected: readonly number[];
      readonly actual: readonly number[];
    }
  /** The stored table is not the fixed one: the file belongs to another kind of network. */
  | { readonly kind: "PositionTableDiffers"; readonly largestDifference: number; readonly limit: number }
  | { readonly kind: "LabelOutOfRange"; readonly label: number; readonly classes: number }
  /** Guidance, or the null label, asked of a network that was trained without label dropout. */
  | { readonly kind: "NoNullLabel"; readonly classes: number }
  | { readonly kind: "NoSuchEvaluation"; readonly index: number; readonly evaluations: number }
  | { readonly kind: "TrajectoryEnded" };

/** Thrown by the networks; `problem` holds the numbers. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  constructor(readonly problem: ModelProblem) {
    const { kind, ...numbers } = problem;
    super(`${kind} ${JSON.stringify(numbers)}`);
  }
}

/** Throws BadConfig unless `value` is an integer of at least `minimum`. */
export function requireInteger(field: string, value: number, minimum = 1): void {
  if (Number.isInteger(value) && value >= minimum) return;
  throw new ModelError({ kind: "BadConfig", field, value, reason: `not an integer of at least ${minimum}` });
}
