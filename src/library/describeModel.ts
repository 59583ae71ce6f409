import type { LocalModel } from "./localModel.ts";
import { identityJson } from "./weightsFile.ts";

/** What an exported file says of its model, in the form that `parseDescription` reads. Whoever imports it gets the same
 *  model under the same id. */
export const descriptionOf = (model: LocalModel) => ({
  ...identityJson(model),
  id: model.id,
  name: model.name,
  kind: model.kind,
  base: model.base,
  recipe: model.recipe,
  licence: model.licence,
  metrics: model.metrics,
  createdAt: model.createdAt,
});
