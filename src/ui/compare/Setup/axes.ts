import type { Family } from "#checkpoints/manifest.ts";
import { AXIS_NAMES, type Axis, type AxisName } from "#compare/axis.ts";
import { cellCount, gridOf } from "#compare/grid.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { ownTexts } from "#state/ownTexts.ts";
import { HEAVY_FIRST, hasSwitch } from "#state/settings.ts";
import { problemText } from "../words.ts";

/** A direction of the grid, as the settings name it. */
export type Direction = "columns" | "rows" | "panels";

export const DIRECTIONS = [
  { name: "columns", title: "Columns" },
  { name: "rows", title: "Rows" },
  { name: "panels", title: "Panels" },
] as const satisfies readonly { name: Direction; title: string }[];

/** Values that an axis starts with when it is chosen. */
export function usualText(name: AxisName, family: Family): string {
  switch (name) {
    case "seed":
      return "1-4";
    case "class":
      return family.classes
        .slice(0, 3)
        .map((one) => one.name)
        .join(", ");
    case "model":
      return "light, c2f, heavy";
    case "variant":
      return variantsOf(family).slice(0, 4).join(", ");
    case "tau":
      return "0-1 [5]";
    case "steps":
      return "60, 30, 15";
    case "solver":
      return "euler, heun";
    case "guidance":
      return "1, 1.5, 3";
    default:
      return name satisfies never;
  }
}

/** Models that can stand in the light place, by name. */
export const variantsOf = (family: Family): readonly string[] =>
  family.models.filter((model) => model.role !== "heavy").map((model) => model.name);

/** Everything that draws, alone or from coarse to fine, as links write it. */
export const modelTextsOf = (family: Family): readonly string[] => {
  const variants = variantsOf(family).filter((name) => name !== "light");
  const own = ownTexts(family).map(({ text }) => text);
  const heavy = family.models.some((model) => model.role === "heavy");
  return [
    "light",
    ...(heavy ? ["c2f", HEAVY_FIRST, "heavy"] : []),
    ...variants,
    ...(heavy ? variants.map((name) => `c2f:${name}`) : []),
    ...own.filter((text) => text.split(":").length === 3),
  ];
};

/** Axes that this family has something to vary along. */
export const axesOffered = (family: Family): readonly AxisName[] =>
  AXIS_NAMES.filter((name) => name !== "variant" || variantsOf(family).length > 1);

/** The settings with another axis in one direction. What already runs in another direction changes places with it. */
export function withAxisName(
  settings: ComparisonSettings,
  direction: Direction,
  name: AxisName | null,
  fresh: (name: AxisName) => ComparisonSettings["rows"],
): Partial<ComparisonSettings> {
  const now = settings[direction];
  if (name === null) return direction === "panels" ? { panels: null } : {};
  if (now?.name === name) return {};
  const other = DIRECTIONS.find((one) => one.name !== direction && settings[one.name]?.name === name)?.name;
  if (!other) return { [direction]: fresh(name) };
  return { [direction]: settings[other], [other]: now };
}

/** Why an axis changes nothing under these settings; null where it does. */
export function idleText(axis: Axis | null, { fixed, ...directions }: ComparisonSettings): string | null {
  const { model } = fixed;
  const modelChanges = DIRECTIONS.some(({ name }) => directions[name]?.name === "model");
  if (modelChanges) return null;
  if (axis?.name === "tau" && !hasSwitch(model)) return "Changes nothing: one model alone has no switch.";
  return axis?.name === "variant" && model === "heavy"
    ? "Changes nothing: the heavy model alone has no light place."
    : null;
}

/** Why the settings make no grid with this axis in this direction, in words; null where they do, and where what is wrong is
 *  another direction's. */
export function axisProblem(
  direction: Direction,
  axis: Axis,
  settings: ComparisonSettings,
  family: Family,
): string | null {
  const grid = gridOf({ ...settings, [direction]: axis }, family);
  if (grid.ok) return null;
  const { error } = grid;
  switch (error.kind) {
    case "SameAxis":
      return null;
    case "TooManyCells":
      // The grid is too large already: any axis may be shortened.
      return cellCount(settings) > error.max ? null : problemText(error);
    case "UnknownClass":
      return axis.name === "class" && axis.values.includes(error.name) ? problemText(error) : null;
    case "UnknownModel": {
      const names = error.model.split(":");
      const isOwn =
        (axis.name === "model" && axis.values.includes(error.model)) ||
        (axis.name === "variant" && axis.values.some((name) => names.includes(name)));
      return isOwn ? problemText(error) : null;
    }
    default:
      return error satisfies never;
  }
}
