import type { Family, ModelEntry } from "#checkpoints/manifest.ts";
import { trainableModels } from "./plan.ts";

/** The model that L and G are measured with: an early light checkpoint, where the family has one (group "score"), else the light
 *  model itself. Source: method §6. */
export const proxyOf = (family: Family): ModelEntry | undefined => {
  const models = trainableModels(family);
  return models.find(({ group }) => group === "score") ?? models.find(({ role }) => role === "light");
};
