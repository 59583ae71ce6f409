import { familyProblems } from "#checkpoints/familyProblems.ts";
import type { Family, Manifest, ModelEntry } from "#checkpoints/manifest.ts";
import { type LocalModel, localFile } from "./localModel.ts";

/** Group of every own model, beside those of the shipped variants. */
export const OWN_GROUP = "own";

/** An own model as its family's manifest entry: a variant like any other, but for where its file is. */
export function entryOf(model: LocalModel): ModelEntry {
  const { id, name, architecture, config, autoencoder, classes, parameters, recipe, licence, metrics } =
    model;
  const said = {
    name: id,
    title: name,
    role: "variant" as const,
    about: aboutOf(model),
    group: OWN_GROUP,
    ...(autoencoder !== null && { autoencoder }),
    ...(classes.length > 0 && { classes: [...classes] }),
    files: [localFile(model)],
    parameters,
    recipe,
    licence,
    card: localFile(model).file,
    metrics: [...metrics],
  };
  return architecture === "dit" ? { ...said, architecture, config } : { ...said, architecture, config };
}

function aboutOf({ kind, base, recipe }: LocalModel): string {
  if (kind === "imported") return recipe ? `Imported. Trained on ${recipe.data}.` : "Imported.";
  const from = base ? ` from ${base.name}` : "";
  return recipe
    ? `Trained${from} on ${recipe.data}, ${recipe.samples_seen} pictures seen.`
    : `Trained${from}.`;
}

/** The manifest with own models among the models of their families, after the shipped ones and in the given order. A model
 *  that this manifest has no family or no latents for is left out; it stays in the library. Pure. */
export const withLocalModels = (manifest: Manifest, models: readonly LocalModel[]): Manifest => ({
  ...manifest,
  families: manifest.families.map((family) =>
    models.filter((model) => model.family === family.name).reduce(withEntry, family),
  ),
});

function withEntry(family: Family, model: LocalModel): Family {
  const larger = { ...family, models: [...family.models, entryOf(model)] };
  return familyProblems(larger).length > familyProblems(family).length ? family : larger;
}

/** What keeps an own model out of its family, in sentences; none when it can be drawn with. */
export function problemsOf(model: LocalModel, family: Family | undefined): readonly string[] {
  if (!family) return [`There is no family ${model.family} here.`];
  const before = new Set(familyProblems(family));
  const larger = { ...family, models: [...family.models, entryOf(model)] };
  return familyProblems(larger).filter((problem) => !before.has(problem));
}
