import type { Family } from "#checkpoints/manifest.ts";
import { AXIS_NAMES, type Axis, type AxisName } from "#compare/axis.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { ownTexts } from "#state/ownTexts.ts";

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
    ...(heavy ? ["c2f", "heavy"] : []),
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
  if (axis?.name === "tau" && !model.startsWith("c2f"))
    return "Changes nothing: only coarse-to-fine has a switch.";
  return axis?.name === "variant" && model === "heavy"
    ? "Changes nothing: the heavy model alone has no light place."
    : null;
}
