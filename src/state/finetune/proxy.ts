import type { Family, ModelEntry } from "#checkpoints/manifest.ts";
import { trainableModels } from "./plan.ts";

/** The model that L and G are measured with: of the family's models about scoring (group "score") the one that has seen fewest
 *  samples, since the method asks for an early checkpoint; else the light model itself. Source: method §6. */
export function proxyOf(family: Family): ModelEntry | undefined {
  const models = trainableModels(family);
  const seen = (model: ModelEntry) => model.recipe?.samples_seen ?? Number.POSITIVE_INFINITY;
  const [earliest] = models.filter(({ group }) => group === "score").sort((a, b) => seen(a) - seen(b));
  return earliest ?? models.find(({ role }) => role === "light");
}
