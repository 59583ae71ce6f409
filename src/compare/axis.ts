import type { ModelText } from "#checkpoints/modelText.ts";
import type { SolverName } from "#flow/solvers/names.ts";

/** What a comparison can change from cell to cell. `model` takes anything that draws; `variant` takes the name of a
 *  model and puts it into the light place of whatever `model` says. */
export const AXIS_NAMES = [
  "seed",
  "class",
  "model",
  "variant",
  "tau",
  "steps",
  "solver",
  "guidance",
] as const;
export type AxisName = (typeof AXIS_NAMES)[number];

/** What one place of each axis holds. */
export interface AxisValues {
  /** Integer 0 … 2⁵³−1. */
  readonly seed: number;
  /** A class of the family by name. */
  readonly class: string;
  readonly model: ModelText;
  /** A model of the family by name. */
  readonly variant: string;
  /** Switch time 0 … 1. */
  readonly tau: number;
  /** Points N of the time grid, 2 … 1000. */
  readonly steps: number;
  readonly solver: SolverName;
  /** Classifier-free guidance 0 … 20. */
  readonly guidance: number;
}

/** A direction of the grid: what changes along it, the values in order, and the text that they were typed as. Made by
 *  `parseAxis` alone, so `values` is never empty, within its limits and without a value twice. */
export type Axis = {
  readonly [K in AxisName]: {
    readonly name: K;
    /** As a reader types it, `1-4` or `0, 0.5, 1`; what links carry. */
    readonly text: string;
    readonly values: readonly AxisValues[K][];
  };
}[AxisName];

/** Most cells of one panel, and of all panels together. */
export const CELLS_PER_PANEL = 256;
export const CELLS_IN_ALL = 1024;

/** Why a text is no axis. `text` is the piece that is wrong, at most 40 characters. */
export type AxisError =
  | { readonly kind: "Empty"; readonly axis: AxisName }
  /** Not a value of this kind: a letter among numbers, a solver that does not exist. */
  | { readonly kind: "NotAValue"; readonly axis: AxisName; readonly text: string }
  | {
      readonly kind: "OutOfRange";
      readonly axis: AxisName;
      readonly text: string;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: "NotWhole"; readonly axis: AxisName; readonly text: string }
  /** A range whose step leads away from its end, or is 0. */
  | { readonly kind: "StepLeadsAway"; readonly axis: AxisName; readonly text: string }
  /** `1-2` of names, or `[5]` of them. */
  | { readonly kind: "NoRange"; readonly axis: AxisName; readonly text: string }
  | { readonly kind: "TooMany"; readonly axis: AxisName; readonly count: number; readonly max: number }
  /** Longer than is read, in characters. */
  | { readonly kind: "TooLong"; readonly axis: AxisName; readonly max: number };
