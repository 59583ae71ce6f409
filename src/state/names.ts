import { hasSwitch, orderOf } from "#checkpoints/modelText.ts";
import type { ImageSettings } from "#images/settings.ts";

/** The model with what chooses it: "light", "coarse-to-fine τ 0.7", "heavy first τ 0.3", "zoo-half",
 *  "coarse-to-fine τ 0.7 (zoo-half)". */
export function modelText({ model, tau }: Pick<ImageSettings, "model" | "tau">): string {
  const { order, others } = orderOf(model);
  if (order === null) return model;
  return `${order} τ ${tau}${others.length > 0 ? ` (${others.join(", ")})` : ""}`;
}

/** What a picture is called wherever it is shown: "seed 3, micah, coarse-to-fine τ 0.7". */
export const imageName = (settings: Pick<ImageSettings, "seed" | "class" | "model" | "tau">): string =>
  `seed ${settings.seed}, ${settings.class}, ${modelText(settings)}`;

/** Name of a downloaded picture; sorts by class, seed and model. */
export const fileName = ({
  seed,
  class: className,
  model,
  tau,
}: Pick<ImageSettings, "seed" | "class" | "model" | "tau">): string =>
  `steadyflow-${className}-${String(seed).padStart(4, "0")}-${hasSwitch(model) ? `${model}-${tau}` : model}.png`.replace(
    /[^\w.-]/g,
    "_",
  );
