import { type Family, findFamily } from "#checkpoints/manifest.ts";
import type { Axis, AxisName } from "#compare/axis.ts";
import { gridOf, type RoutedGrid } from "#compare/grid.ts";
import { moveTheSwitch } from "#compare/presets.ts";
import type { ComparisonSettings, FixedSettings } from "#compare/settings.ts";
import type { Kept } from "#compare/unit.ts";
import { axisOf } from "#compare/values.ts";
import { SHIPPED } from "../state/support.ts";

const shipped = findFamily(SHIPPED, "avatars-64");
if (!shipped) throw new Error("the shipped manifest has no family avatars-64");
const light = shipped.models.find((model) => model.role === "light");
if (!light) throw new Error("the shipped family has no light model");

type Variant = Pick<Family["models"][number], "name" | "group" | "autoencoder"> & {
  readonly parameters?: number;
};

/** The shipped family with these variants and no others; they differ from the light model in what is said alone. */
export const familyWith = (...variants: readonly Variant[]): Family => ({
  ...shipped,
  models: [
    ...shipped.models.filter((model) => model.role !== "variant"),
    ...variants.map((variant) => ({ ...light, role: "variant" as const, about: "Another.", ...variant })),
  ],
});

export const FAMILY = familyWith({ name: "zoo-base", group: "data" }, { name: "zoo-half", group: "data" });

type Axes = Partial<Record<AxisName, string>>;

/** A comparison of the axes in the order written: rows, columns, panels. The rest as usual: micah, c2f, tau 0.7, 60 points, Euler. */
export function comparisonOf(axes: Axes, fixed: Partial<FixedSettings> = {}): ComparisonSettings {
  const usual = moveTheSwitch(FAMILY);
  const made = Object.keys(axes).map((name): Axis => axisOf(name as AxisName, axes[name as AxisName] ?? ""));
  const [rows = usual.rows, columns = usual.columns, panels = null] = made;
  return { ...usual, rows, columns, panels, fixed: { ...usual.fixed, ...fixed } };
}

export function gridWith(axes: Axes, fixed: Partial<FixedSettings> = {}, family = FAMILY): RoutedGrid {
  const grid = gridOf(comparisonOf(axes, fixed), family);
  if (!grid.ok) throw new Error(JSON.stringify(grid.error));
  return grid.value;
}

export const NOTHING_KEPT: Kept = () => false;
