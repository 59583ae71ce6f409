import { fail, ok, type Result } from "#bytes/result.ts";
import { uniformGrid } from "#flow/grid.ts";
import { type EvaluationPlan, evaluationPlan, type ModelChoice } from "#flow/plan.ts";
import type { SolverName } from "#flow/solvers/names.ts";
import {
  type AutoencoderEntry,
  type DecoderPart,
  type Family,
  findAutoencoder,
  findModel,
  type ModelEntry,
  type PartName,
} from "./manifest.ts";
import { choiceOf, isModelText, type ModelText, modelNames } from "./modelText.ts";
import { isOwnName } from "./ownName.ts";
import { decoderPartOf, partOf } from "./parts.ts";

/** The models that draw, each in its place, and the autoencoder in whose latents they do. */
export interface ChosenModels {
  readonly choice: ModelChoice;
  readonly light: ModelEntry | null;
  readonly heavy: ModelEntry | null;
  readonly autoencoder: AutoencoderEntry;
  readonly decoder: DecoderPart;
}

/** What `text` asks of a family, or a sentence about why it cannot be drawn: no such model, or two that draw in the
 *  latents of different autoencoders. Pure. */
export function chooseModels(family: Family, text: ModelText): Result<ChosenModels, string> {
  const choice = choiceOf(text);
  const names = modelNames(text);
  const light = names.light === undefined ? null : findModel(family, names.light);
  const heavy = names.heavy === undefined ? null : findModel(family, names.heavy);
  if (!isModelText(text) || light === undefined || heavy === undefined) {
    const known = ["c2f", ...family.models.map((model) => model.name)].join(", ");
    const missing = (light === undefined ? names.light : heavy === undefined ? names.heavy : text) ?? text;
    return fail(
      isOwnName(missing)
        ? `This browser does not have '${missing}', a model of somebody's own. Whoever made it can export it, and it can be imported here.`
        : `There is no model '${missing}' in ${family.name}. There is: ${known}.`,
    );
  }
  if (light && heavy && light.autoencoder !== heavy.autoencoder)
    return fail(
      `${light.name} and ${heavy.name} draw in the latents of different autoencoders, so one cannot go on where the other stops.`,
    );
  const name = (light ?? heavy)?.autoencoder;
  const autoencoder = findAutoencoder(family, name);
  if (!autoencoder) return fail(`There is no autoencoder '${name}' in ${family.name}.`);
  return ok({ choice, light, heavy, autoencoder, decoder: decoderPartOf(name) });
}

/** Shape of the latents of an autoencoder. */
export const latentOf = ({ config }: AutoencoderEntry) => ({
  channels: config.latent_channels,
  height: config.image_size / config.factor,
  width: config.image_size / config.factor,
});

/** The models that evaluations are asked of, as parts; each once. */
export const modelParts = (
  { light, heavy }: Pick<ChosenModels, "light" | "heavy">,
  nfe: EvaluationPlan["nfe"],
): readonly PartName[] => {
  const models = [nfe.light > 0 ? light : null, nfe.heavy > 0 ? heavy : null];
  return [...new Set(models.flatMap((model) => (model ? [partOf(model)] : [])))];
};

/** The parts that drawing needs: the decoder and those models that the plan evaluates, so coarse-to-fine with tau = 0
 *  does without the light model. Throws GridError and TauError as the plan does. */
export function partsFor(
  chosen: ChosenModels,
  how: { readonly tau: number; readonly solver: SolverName; readonly steps: number },
): readonly PartName[] {
  const { nfe } = evaluationPlan({ ...how, choice: chosen.choice, grid: uniformGrid(how.steps) });
  return [chosen.decoder, ...modelParts(chosen, nfe)];
}
