import {
  type AutoencoderEntry,
  type DecoderPart,
  type Family,
  findAutoencoder,
  findModel,
  type ModelEntry,
  type ModelPart,
  type PartName,
} from "./manifest.ts";

/** The one part that a model is; it is loaded once, whatever it was called. */
export const partOf = ({ role, name }: Pick<ModelEntry, "role" | "name">): ModelPart =>
  role === "variant" ? `model:${name}` : role;

/** The decoder of a further autoencoder by its name; the family's own for undefined. */
export const decoderPartOf = (autoencoder: string | undefined): DecoderPart =>
  autoencoder === undefined ? "decoder" : `decoder:${autoencoder}`;

/** Whether a text has the form of a part; which parts a family has is for the functions below to say. */
export const isPartName = (text: string): text is PartName =>
  /^(decoder|light|heavy|embedding|classifier|decoder:[\w.-]+|model:[\w.-]+)$/.test(text);

export const isDecoderPart = (part: string): part is DecoderPart =>
  part === "decoder" || part.startsWith("decoder:");

/** The autoencoder whose decoder the part is; undefined when the family has none such. */
export const autoencoderOf = (of: Family, part: DecoderPart): AutoencoderEntry | undefined =>
  findAutoencoder(of, part === "decoder" ? undefined : part.slice("decoder:".length));

/** The model that the part is; undefined when the family has none such. */
export const modelOf = (of: Family, part: ModelPart): ModelEntry | undefined =>
  findModel(of, part.replace(/^model:/, ""));
