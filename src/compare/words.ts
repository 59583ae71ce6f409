import { choiceOf, type ModelText } from "#checkpoints/modelChoice.ts";
import { SOLVERS } from "#flow/solvers/names.ts";
import type { Axis, AxisName } from "./axis.ts";
import type { CellSettings } from "./cell.ts";
import { axesOf } from "./grid.ts";
import type { ComparisonSettings } from "./settings.ts";

/** What an axis is called beside the grid. */
export const AXIS_TITLES: Readonly<Record<AxisName, string>> = {
  seed: "Seed",
  class: "Class",
  model: "Model",
  variant: "Data variant",
  tau: "Switch time τ",
  steps: "Steps",
  solver: "Solver",
  guidance: "Guidance",
};

/** The models that draw: "light", "coarse-to-fine", "zoo-half", "coarse-to-fine (zoo-half)". */
export function modelWords(model: ModelText): string {
  const [first = model, ...others] = model.split(":");
  if (first !== "c2f") return first;
  return others.length > 0 ? `coarse-to-fine (${others.join(", ")})` : "coarse-to-fine";
}

/** One value of an axis as its header says it: "seed 3", "τ 0.7", "coarse-to-fine". at: its place, from 0. */
export function valueWords(axis: Axis, at: number): string {
  switch (axis.name) {
    case "seed":
      return `seed ${axis.values[at]}`;
    case "tau":
      return `τ ${axis.values[at]}`;
    case "steps":
      return `${axis.values[at]} steps`;
    case "guidance":
      return `guidance ${axis.values[at]}`;
    case "model":
      return modelWords(axis.values[at] ?? "");
    case "solver": {
      const solver = axis.values[at];
      return solver ? SOLVERS[solver].label : "";
    }
    case "class":
    case "variant":
      return axis.values[at] ?? "";
    default:
      return axis satisfies never;
  }
}

/** What a cell is called wherever it is shown or spoken: "seed 3, τ 0.7, coarse-to-fine". The seed first, then what
 *  changes over the grid, tau where it counts, and last the model. */
export function cellName(cell: CellSettings, settings: ComparisonSettings): string {
  const changes = new Set(axesOf(settings).map((axis) => axis.name));
  const parts = [
    `seed ${cell.seed}`,
    changes.has("class") ? cell.className : "",
    changes.has("tau") || choiceOf(cell.model) === "c2f" ? `τ ${cell.tau}` : "",
    changes.has("steps") ? `${cell.steps} steps` : "",
    changes.has("solver") ? SOLVERS[cell.solver].label : "",
    changes.has("guidance") ? `guidance ${cell.guidance}` : "",
    modelWords(cell.model),
  ];
  return parts.filter((part) => part !== "").join(", ");
}
