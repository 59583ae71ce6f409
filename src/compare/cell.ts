import type { ModelText } from "#checkpoints/modelText.ts";
import type { SolverName } from "#flow/solvers/names.ts";
import type { Place } from "./settings.ts";

/** Everything that makes one picture, the family and its weights aside. */
export interface CellSettings {
  readonly seed: number;
  readonly label: number;
  /** Name of the class `label`. */
  readonly className: string;
  readonly model: ModelText;
  readonly tau: number;
  readonly steps: number;
  readonly solver: SolverName;
  readonly guidance: number;
}

/** Names a trajectory by everything that can change its pixels and nothing else: cells with equal keys are one
 *  picture. Two values of tau between the same two grid points have one key. */
export type DrawingKey = string;

/** One place of the grid. */
export interface Cell {
  readonly place: Place;
  readonly settings: CellSettings;
  readonly key: DrawingKey;
}

/** All cells of a comparison, panel by panel and row by row:
 *  the cell at (panel, row, column) is number (panel · rows + row) · columns + column. */
export interface Grid {
  readonly panels: number;
  readonly rows: number;
  readonly columns: number;
  readonly cells: readonly Cell[];
}
