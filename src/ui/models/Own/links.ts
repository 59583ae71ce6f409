import type { Family } from "#checkpoints/manifest.ts";
import { moveTheSwitch } from "#compare/presets.ts";
import { axisOf } from "#compare/values.ts";
import type { LocalModel } from "#library/localModel.ts";
import { printCompareHash } from "#state/compare/hash.ts";
import { printHash } from "#state/hash.ts";
import { type GenerateSettings, withModel } from "#state/settings.ts";

/** Address of the Generate page that draws with this model alone, a class that it has learned where there is one; of what is
 *  chosen there now, the rest stays. */
export function drawAddress(
  now: GenerateSettings,
  family: Family,
  { id, classes }: Pick<LocalModel, "id" | "classes">,
): string {
  const [learned] = classes;
  const sofar = now.family === family.name ? now : family.defaults;
  return printHash({
    ...now,
    ...(now.family === family.name ? {} : { ...family.defaults, className: family.classes[0]?.name ?? "" }),
    ...(learned === undefined || classes.some((name) => name === now.className)
      ? {}
      : { className: learned }),
    family: family.name,
    ...withModel(sofar, id),
    view: "one",
  });
}

/** Address of a comparison of the model with the one that it was trained from, or with the family's light one: four seeds
 *  of a class that both know. */
export function compareAddress(family: Family, { id, base }: LocalModel): string {
  const other = family.models.some(({ name }) => name === base?.name) ? base?.name : "light";
  const usual = moveTheSwitch(family);
  return printCompareHash({
    ...usual,
    rows: axisOf("model", `${other}, ${id}`),
    columns: axisOf("seed", "1-4"),
  });
}
