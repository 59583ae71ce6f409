import type { ModelText } from "#checkpoints/modelText.ts";
import type { SolverName } from "#flow/solvers/names.ts";
import type { Axis, AxisName, CELLS_IN_ALL, CELLS_PER_PANEL } from "./axis.ts";

/** What every cell has where no axis says otherwise. */
export interface FixedSettings {
  readonly seed: number;
  /** A class by name, or `mixed`: seed s takes class s mod the number of classes. */
  readonly className: string;
  readonly model: ModelText;
  readonly tau: number;
  readonly steps: number;
  readonly solver: SolverName;
  readonly guidance: number;
}

/** Where a cell stands, each from 0. */
export interface Place {
  readonly panel: number;
  readonly row: number;
  readonly column: number;
}

/** How cells are looked at. */
export const CELL_VIEWS = ["image", "difference", "blink", "slider"] as const;
export type CellView = (typeof CELL_VIEWS)[number];

/** Everything that a link of the Compare page says: the grid, what it is compared with, and how it is looked at. */
export interface ComparisonSettings {
  readonly family: string;
  readonly columns: Axis;
  readonly rows: Axis;
  /** Small multiples, or none. */
  readonly panels: Axis | null;
  readonly fixed: FixedSettings;
  readonly reference: Place;
  readonly view: CellView;
}

/** Why settings that are each in order make no grid together. */
export type SettingsProblem =
  | { readonly kind: "SameAxis"; readonly axis: AxisName }
  | {
      readonly kind: "TooManyCells";
      readonly cells: number;
      readonly max: typeof CELLS_PER_PANEL | typeof CELLS_IN_ALL;
    }
  /** The family has no class of this name. */
  | { readonly kind: "UnknownClass"; readonly name: string; readonly known: readonly string[] }
  /** `reason` is a sentence. */
  | { readonly kind: "UnknownModel"; readonly model: ModelText; readonly reason: string };
