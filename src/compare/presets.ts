import type { Family } from "#checkpoints/manifest.ts";
import { HEAVY_FIRST } from "#checkpoints/modelText.ts";
import type { Axis, AxisName } from "./axis.ts";
import type { ComparisonSettings, FixedSettings } from "./settings.ts";
import { axisOf } from "./values.ts";

/** A comparison worth seeing, made of what the family has. */
export interface Preset {
  readonly id: "switch" | "order" | "shrink" | "halve" | "disjoint" | "steps" | "class";
  readonly title: string;
  /** The question that the grid answers, as a sentence. */
  readonly about: string;
  readonly settings: ComparisonSettings;
}

const SEEDS = "1-4";

/** Steps of "Fewer steps"; the family's own number goes first. */
const FEWER_STEPS = [60, 30, 20, 15, 10];

/** Class of a first comparison; a family without it shows its own first. */
const CLASS = "micah";

/** What a comparison takes of a family. */
type Usual = Pick<Family, "name" | "classes"> & {
  readonly defaults: Omit<FixedSettings, "seed" | "className">;
};

function fixedIn({ classes, defaults }: Usual): FixedSettings {
  const { model, tau, steps, solver, guidance } = defaults;
  const className = classes.some((one) => one.name === CLASS) ? CLASS : (classes[0]?.name ?? CLASS);
  return { seed: 1, className, model, tau, steps, solver, guidance };
}

const compared = (
  family: Usual,
  rows: Axis,
  fixed: Partial<FixedSettings> = {},
  panels: Axis | null = null,
): ComparisonSettings => ({
  family: family.name,
  columns: axisOf("seed", SEEDS),
  rows,
  panels,
  fixed: { ...fixedIn(family), ...fixed },
  reference: { panel: 0, row: 0, column: 0 },
  view: "image",
});

const list = (name: AxisName, values: readonly (string | number)[]): Axis => axisOf(name, values.join(", "));

/** What a family's comparison starts with. */
export const moveTheSwitch = (family: Usual): ComparisonSettings =>
  compared(family, axisOf("tau", "0, 0.3, 0.5, 0.7, 1"), { model: "c2f" });

/** The models of a stability zoo by what follows the prefix of its base: `zoo-base` makes `zoo-half` "half". */
function zooOf(family: Family) {
  const base = family.models.find((model) => model.role === "variant" && /(^|-)base$/.test(model.name));
  const prefix = base?.name.replace(/base$/, "") ?? "";
  const find = (rest: string) =>
    base && family.models.find((model) => model.role === "variant" && model.name === `${prefix}${rest}`);
  return { base, prefix, find };
}

/** The comparisons that this family's models allow, the most telling first. */
export function presetsFor(family: Family): readonly Preset[] {
  const zoo = zooOf(family);
  const names = (rests: readonly string[]) => rests.flatMap((rest) => zoo.find(rest)?.name ?? []);
  const base = names(["base"]);
  const variants = (values: readonly string[], panels: Axis | null = null) =>
    compared(family, list("variant", values), { model: "light" }, panels);

  const widths = family.models
    .filter((model) => model.group === "width" || base.includes(model.name))
    .sort((a, b) => b.parameters - a.parameters)
    .map((model) => model.name);
  const roles = ["heavy", "light"].filter((role) => family.models.some((model) => model.role === role));
  const halves = names(["half", "l-inverse", "cb", "cb-kernel", "g", "l"]);
  const parts = names(["half", "complement"]);
  const removed = family.classes.find((one) => zoo.find(`drop-${one.name}`));
  const others = family.classes.filter((one) => one !== removed);
  const bothPlaces = roles.length === 2;

  return [
    ...(bothPlaces
      ? [
          {
            id: "switch",
            title: "Move the switch",
            about: "How much of the picture does the light model decide before the heavy one takes over?",
            settings: moveTheSwitch(family),
          } as const,
          {
            id: "order",
            title: "Change the order",
            about: "Half of the steps by each model: do the first ones make the picture, or the last ones?",
            settings: compared(family, list("model", ["heavy", HEAVY_FIRST, "c2f", "light"]), { tau: 0.5 }),
          } as const,
        ]
      : []),
    ...(widths.length > 1 || bothPlaces
      ? [
          {
            id: "shrink",
            title: "Shrink the model",
            about: "Does the same seed keep its picture when the network gets smaller?",
            settings: widths.length > 1 ? variants(widths) : compared(family, list("model", roles)),
          } as const,
        ]
      : []),
    ...(base.length > 0 && halves.length > 0
      ? [
          {
            id: "halve",
            title: "Halve the data",
            about: "What changes when a model has seen half of the pictures, chosen in one way or another?",
            settings: variants([...base, ...halves]),
          } as const,
        ]
      : []),
    ...(parts.length === 2
      ? [
          {
            id: "disjoint",
            title: "Disjoint halves",
            about: "Do two models that share no training picture draw the same thing from one seed?",
            settings: variants([...parts, ...base]),
          } as const,
        ]
      : []),
    {
      id: "steps",
      title: "Fewer steps",
      about: "How few solver steps give the same picture?",
      settings: compared(
        family,
        list("steps", [
          family.defaults.steps,
          ...FEWER_STEPS.filter((steps) => steps < family.defaults.steps),
        ]),
      ),
    },
    ...(base.length > 0 && removed
      ? [
          {
            id: "class",
            title: "Remove a class",
            about: `Does a model that has never seen ${removed.title} still draw the others as before?`,
            settings: variants(
              [...base, ...names([`drop-${removed.name}`])],
              list(
                "class",
                [removed, ...others.slice(0, 2)].map((one) => one.name),
              ),
            ),
          } as const,
        ]
      : []),
  ];
}
