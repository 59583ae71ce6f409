import type { ImageSettings } from "#images/settings.ts";
import { MODEL_NAMES } from "./settings.ts";

/** The model with what chooses it: "light", "coarse-to-fine τ 0.7", "zoo-half", "coarse-to-fine τ 0.7 (zoo-half)". */
export function modelText({ model, tau }: Pick<ImageSettings, "model" | "tau">): string {
  const [first = model, ...others] = model.split(":");
  if (first === "c2f")
    return `${MODEL_NAMES.c2f} τ ${tau}${others.length > 0 ? ` (${others.join(", ")})` : ""}`;
  return first === "light" || first === "heavy" ? MODEL_NAMES[first] : first;
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
  `steadyflow-${className}-${String(seed).padStart(4, "0")}-${model.startsWith("c2f") ? `${model}-${tau}` : model}.png`.replace(
    /[^\w.-]/g,
    "_",
  );
