import { type ModelChoice, switches } from "#flow/plan.ts";

/** How a model is asked for, in links, PNGs, jobs and on the command line:
 *  `light`, `heavy` or a model's name: that model alone; `c2f`: the light model until tau, then the heavy one;
 *  `c2f:NAME`: the same with another model in the light one's place; `c2f:NAME:NAME`: with others in both places;
 *  `c2f:heavy:NAME`: the heavy model until tau, then the other one. */
export type ModelText = string;

/** The heavy model until tau, then the light one. */
export const HEAVY_FIRST: ModelText = "c2f:heavy:light";

const NAME = String.raw`[\w.-]{1,64}`;
const MODEL_TEXT = new RegExp(`^(?:${NAME}|c2f(?::${NAME}){1,2})$`);

/** Whether a text can name a model at all; which there are is for `chooseModels` to say. */
export const isModelText = (text: string): boolean => MODEL_TEXT.test(text);

/** Which places of a trajectory the models take. A model that is drawn alone and is not the heavy one takes the light
 *  one's place: its evaluations count as light. */
export function choiceOf(text: ModelText): ModelChoice {
  const [how, first, second] = text.split(":");
  if (how !== "c2f") return text === "heavy" ? "heavy" : "light";
  return first === "heavy" && second !== undefined && second !== "heavy" ? "heavyFirst" : "c2f";
}

/** Whether two models take turns, and so tau counts. */
export const hasSwitch = (text: ModelText): boolean => switches(choiceOf(text));

/** Switch time of `next` that goes with what has been chosen so far. Turning the order round mirrors tau: the heavy model
 *  keeps its share of the time, and a picture about its price; whatever is not heavy first has the tau of coarse-to-fine. */
export function tauFor(next: ModelText, sofar: { readonly model: ModelText; readonly tau: number }): number {
  const isTurned = (choiceOf(sofar.model) === "heavyFirst") !== (choiceOf(next) === "heavyFirst");
  return isTurned ? Number((1 - sofar.tau).toFixed(6)) : sofar.tau;
}

/** What the order of two models is called, null for a model alone, and those of the two that are not the family's own. */
export function orderOf(text: ModelText): {
  readonly order: "coarse-to-fine" | "heavy first" | null;
  readonly others: readonly string[];
} {
  const [, ...others] = text.split(":");
  switch (choiceOf(text)) {
    case "c2f":
      return { order: "coarse-to-fine", others };
    case "heavyFirst":
      return { order: "heavy first", others: others.slice(1).filter((name) => name !== "light") };
    default:
      return { order: null, others };
  }
}

/** Names of the models that a text puts in the two places. */
export function modelNames(text: ModelText): { readonly light?: string; readonly heavy?: string } {
  const [, first, second] = text.split(":");
  switch (choiceOf(text)) {
    case "c2f":
      return { light: first ?? "light", heavy: second ?? "heavy" };
    case "heavyFirst":
      return { light: second, heavy: first };
    case "heavy":
      return { heavy: text };
    default:
      return { light: text };
  }
}
