import { classesOf } from "#checkpoints/classes.ts";
import type { Family } from "#checkpoints/manifest.ts";
import { chooseModels } from "#checkpoints/modelChoice.ts";
import { type GenerateSettings, MIXED, modelsShown } from "./settings.ts";

type Shown = Pick<GenerateSettings, "model" | "view">;

/** Names, in label order, of the classes that every model shown can draw. */
export const classesShown = (family: Family, settings: Shown): readonly string[] =>
  classesOf(
    family,
    modelsShown(settings).flatMap((text) => {
      const chosen = chooseModels(family, text);
      return chosen.ok ? [chosen.value.light, chosen.value.heavy] : [];
    }),
  );

/** The class by this name, or the family's first when the models shown have none such. */
export function classIn(family: Family, name: string, settings: Shown): string {
  if (name === MIXED || classesShown(family, settings).includes(name)) return name;
  return family.classes[0]?.name ?? MIXED;
}
