import { fail, ok, type Result } from "#bytes/result.ts";
import { classesOf, labelOf, MIXED } from "#checkpoints/classes.ts";
import type { Family } from "#checkpoints/manifest.ts";
import { chooseModels } from "#checkpoints/modelChoice.ts";
import { choiceOf, type ModelText } from "#checkpoints/modelText.ts";
import { type Axis, CELLS_IN_ALL, CELLS_PER_PANEL } from "./axis.ts";
import type { Cell, CellSettings, DrawingKey, Grid } from "./cell.ts";
import { courseOf } from "./course.ts";
import { type Route, type RouteKind, routeFrom, routeKindOf } from "./route.ts";
import type { ComparisonSettings, FixedSettings, Place, SettingsProblem } from "./settings.ts";

/** `model` with the model `name` in its light place: a model that draws alone gives way, coarse-to-fine begins with
 *  it, heavy first ends with it, and heavy, which has no light place, stays. */
export function withVariant(model: ModelText, name: string): ModelText {
  const [first, , heavy] = model.split(":");
  if (choiceOf(model) === "heavyFirst") return name === "heavy" ? name : `c2f:heavy:${name}`;
  if (first === "c2f")
    return heavy === undefined ? (name === "light" ? "c2f" : `c2f:${name}`) : `c2f:${name}:${heavy}`;
  return model === "heavy" ? model : name;
}

type Drawn = FixedSettings & { readonly variant: string | null };

function withAxis(settings: Drawn, axis: Axis, at: number): Drawn {
  switch (axis.name) {
    case "seed":
      return { ...settings, seed: axis.values[at] ?? settings.seed };
    case "class":
      return { ...settings, className: axis.values[at] ?? settings.className };
    case "model":
      return { ...settings, model: axis.values[at] ?? settings.model };
    case "variant":
      return { ...settings, variant: axis.values[at] ?? null };
    case "tau":
      return { ...settings, tau: axis.values[at] ?? settings.tau };
    case "steps":
      return { ...settings, steps: axis.values[at] ?? settings.steps };
    case "solver":
      return { ...settings, solver: axis.values[at] ?? settings.solver };
    case "guidance":
      return { ...settings, guidance: axis.values[at] ?? settings.guidance };
    default:
      return axis satisfies never;
  }
}

/** The axes in use, panels last. */
export const axesOf = ({ columns, rows, panels }: ComparisonSettings): readonly Axis[] =>
  panels ? [columns, rows, panels] : [columns, rows];

/** How many cells the axes make, whether or not a grid can be made of them. */
export const cellCount = (settings: ComparisonSettings): number =>
  axesOf(settings).reduce((product, axis) => product * axis.values.length, 1);

function problemOf(settings: ComparisonSettings, family: Family): SettingsProblem | null {
  const axes = axesOf(settings);
  const twice = axes.find((axis, i) => axes.findIndex((other) => other.name === axis.name) < i);
  if (twice) return { kind: "SameAxis", axis: twice.name };
  const perPanel = settings.columns.values.length * settings.rows.values.length;
  if (perPanel > CELLS_PER_PANEL) return { kind: "TooManyCells", cells: perPanel, max: CELLS_PER_PANEL };
  const cells = cellCount(settings);
  if (cells > CELLS_IN_ALL) return { kind: "TooManyCells", cells, max: CELLS_IN_ALL };
  const further = family.models.flatMap((model) => model.classes ?? []);
  const known = [...new Set([...family.classes.map((one) => one.name), ...further, MIXED])];
  const classes = axes.find((axis) => axis.name === "class")?.values ?? [settings.fixed.className];
  const unknown = classes.find((name) => !known.includes(String(name)));
  return unknown === undefined ? null : { kind: "UnknownClass", name: String(unknown), known };
}

/** How pictures are drawn, whatever their seed and class. */
interface Kind {
  readonly route: RouteKind;
  /** What the models know, in label order. */
  readonly classes: readonly string[];
}

/** The kind of a cell, looked up once for all seeds and classes: a grid has many cells and few kinds of them. */
function kindsIn(family: Family): (settings: Uncast) => Result<Kind, SettingsProblem> {
  const kinds = new Map<string, Result<Kind, SettingsProblem>>();
  const find = (settings: Uncast): Result<Kind, SettingsProblem> => {
    const { model, tau, steps, solver } = settings;
    const chosen = chooseModels(family, model);
    if (!chosen.ok) return fail({ kind: "UnknownModel", model, reason: chosen.error });
    const { choice, light, heavy } = chosen.value;
    const route = routeKindOf(settings, chosen.value, courseOf({ choice, tau, steps, solver }));
    return ok({ route, classes: classesOf(family, [light, heavy]) });
  };
  return (settings) => {
    const { model, tau, steps, solver, guidance } = settings;
    const how = `${model} ${tau} ${steps} ${solver} ${guidance}`;
    const known = kinds.get(how) ?? find(settings);
    kinds.set(how, known);
    return known;
  };
}

/** A grid with the way that each of its pictures goes. */
export interface RoutedGrid extends Grid {
  readonly routes: ReadonlyMap<DrawingKey, Route>;
}

/** The cells that the settings make in this family, or why they make none. Pure and total. */
export function gridOf(settings: ComparisonSettings, family: Family): Result<RoutedGrid, SettingsProblem> {
  const problem = problemOf(settings, family);
  if (problem) return fail(problem);
  const { columns, rows, panels, fixed } = settings;
  const size = {
    columns: columns.values.length,
    rows: rows.values.length,
    panels: panels?.values.length ?? 1,
  };
  const kindOf = kindsIn(family);
  const cells: Cell[] = [];
  const routes = new Map<DrawingKey, Route>();
  for (let panel = 0; panel < size.panels; panel++)
    for (let row = 0; row < size.rows; row++)
      for (let column = 0; column < size.columns; column++) {
        const place: Place = { panel, row, column };
        const uncast = settingsAt(settings, fixed, place);
        const kind = kindOf(uncast);
        if (!kind.ok) return kind;
        const { classes, route: routeKind } = kind.value;
        const { className, seed } = uncast;
        if (className !== MIXED && !classes.includes(className))
          return fail({ kind: "UnknownClass", name: className, known: [...classes, MIXED] });
        const label = labelOf(className, seed, classes, family);
        const route = routeFrom(routeKind, seed, label);
        const set = { ...uncast, label, className: classes[label] ?? className };
        cells.push({ place, settings: set, key: route.key });
        if (!routes.has(route.key)) routes.set(route.key, route);
      }
  return ok({ ...size, cells, routes });
}

/** Settings of a cell whose class is still as typed: `mixed`, perhaps. */
type Uncast = Omit<CellSettings, "label">;

function settingsAt(
  { columns, rows, panels }: ComparisonSettings,
  fixed: FixedSettings,
  place: Place,
): Uncast {
  const plain = withAxis(withAxis({ ...fixed, variant: null }, rows, place.row), columns, place.column);
  const { variant, className, seed, model, ...how } = panels ? withAxis(plain, panels, place.panel) : plain;
  return {
    seed,
    className,
    model: variant === null ? model : withVariant(model, variant),
    ...how,
  };
}

/** Number of the cell at a place, the place brought inside the grid first. */
export function cellAt({ panels, rows, columns }: Grid, place: Place): number {
  const within = (value: number, count: number) => Math.min(Math.max(0, value), count - 1);
  return (
    (within(place.panel, panels) * rows + within(place.row, rows)) * columns + within(place.column, columns)
  );
}
