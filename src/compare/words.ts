import { hasSwitch, type ModelText, orderOf } from "#checkpoints/modelText.ts";
import { SOLVERS } from "#flow/solvers/names.ts";
import type { Axis, AxisName } from "./axis.ts";
import type { CellSettings, Grid } from "./cell.ts";
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

/** The models that draw: "light", "coarse-to-fine", "heavy first", "zoo-half", "coarse-to-fine (zoo-half)". */
export function modelWords(model: ModelText): string {
  const { order, others } = orderOf(model);
  if (order === null) return model;
  return others.length > 0 ? `${order} (${others.join(", ")})` : order;
}

/** A number of an axis as it is read: rounded to three decimals where that leaves all its values different ones, and none
 *  of them 0 or 1 that is not: 0.571 among eighths, 0.0004 beside 0. */
function numberWords(value: number, values: readonly number[]): string {
  const rounded = (one: number) => Number(one.toFixed(3));
  const ends = [0, 1];
  const faithful = values.every((one) => !ends.includes(rounded(one)) || rounded(one) === one);
  const distinct = new Set(values.map(rounded)).size === new Set(values).size;
  return String(faithful && distinct ? rounded(value) : value);
}

/** One value of an axis as its header says it: "seed 3", "τ 0.7", "coarse-to-fine". at: its place, from 0. */
export function valueWords(axis: Axis, at: number): string {
  switch (axis.name) {
    case "seed":
      return `seed ${axis.values[at]}`;
    case "tau":
      return `τ ${numberWords(axis.values[at] ?? 0, axis.values)}`;
    case "steps":
      return `${axis.values[at]} steps`;
    case "guidance":
      return `guidance ${numberWords(axis.values[at] ?? 0, axis.values)}`;
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
 *  changes over the grid, tau where it counts, and last the model. Cells may share a name: see `cellNames`. */
export function cellName(cell: CellSettings, settings: ComparisonSettings): string {
  const axes = axesOf(settings);
  const changes = new Set(axes.map((axis) => axis.name));
  const numbersOf = (name: "tau" | "guidance", own: number): readonly number[] =>
    axes.flatMap((axis) => (axis.name === name ? axis.values : [])).concat(changes.has(name) ? [] : [own]);
  const parts = [
    `seed ${cell.seed}`,
    changes.has("class") ? cell.className : "",
    changes.has("tau") || hasSwitch(cell.model)
      ? `τ ${numberWords(cell.tau, numbersOf("tau", cell.tau))}`
      : "",
    changes.has("steps") ? `${cell.steps} steps` : "",
    changes.has("solver") ? SOLVERS[cell.solver].label : "",
    changes.has("guidance")
      ? `guidance ${numberWords(cell.guidance, numbersOf("guidance", cell.guidance))}`
      : "",
    modelWords(cell.model),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Names of all cells of a grid, by number, no two alike. Where settings make cells alike (a data variant beside heavy alone,
 *  a class beside `mixed`), each also says what stands at its row, column and panel. */
export function cellNames({ cells }: Pick<Grid, "cells">, settings: ComparisonSettings): readonly string[] {
  const names = cells.map((cell) => cellName(cell.settings, settings));
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name, i) => {
    const place = cells[i]?.place;
    if (!place || counts.get(name) === 1) return name;
    const { rows, columns, panels } = settings;
    const placed: readonly (readonly [Axis | null, number])[] = [
      [rows, place.row],
      [columns, place.column],
      [panels, place.panel],
    ];
    const said = name.split(", ");
    const more = placed.flatMap(([axis, at]) => {
      const words = axis ? valueWords(axis, at) : "";
      return words === "" || said.includes(words)
        ? []
        : [`${AXIS_TITLES[axis?.name ?? "seed"].toLowerCase()} ${words}`];
    });
    return [name, ...more].join(", ");
  });
}
