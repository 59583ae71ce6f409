import * as v from "valibot";
import {
  autoencoderConfig,
  classifierConfig,
  count,
  ditConfig,
  embeddingConfig,
  fileList,
  finite,
  plainName,
  provenance,
  recipe,
  share,
  text,
  unetConfig,
  webAddress,
} from "./manifestEntries.ts";
import { HEAVY_FIRST } from "./modelText.ts";

const modelAbout = {
  name: plainName,
  /** Some words for a list. */
  title: v.optional(text),
  role: v.picklist(["light", "heavy", "variant"]),
  /** One sentence: what differs from the base. Every variant has one. */
  about: v.optional(text),
  /** What a variant varies: data, seed, architecture, … Every variant has one. */
  group: v.optional(plainName),
  /** The further autoencoder in whose latents it draws; the family's own when absent. */
  autoencoder: v.optional(plainName),
  /** Classes that this model knows beyond the family's, in label order after theirs. */
  classes: v.optional(v.array(plainName)),
  files: fileList,
  ...provenance,
  /** null where nobody wrote it down, as for a file that the reader brought. */
  recipe: v.nullable(recipe),
};

const modelEntry = v.variant("architecture", [
  v.object({ architecture: v.literal("dit"), config: ditConfig, ...modelAbout }),
  v.object({ architecture: v.literal("unet"), config: unetConfig, ...modelAbout }),
]);

const latentPreview = v.object({
  /** Linear map from a scaled latent pixel to RGB in [-1,1], rgb = matrix · x1 + bias: matrix [3][channels], bias [3]. */
  matrix: v.pipe(v.array(v.array(finite)), v.length(3)),
  bias: v.pipe(v.array(finite), v.length(3)),
  /** Share of the variance of held-out area-averaged pictures that the map explains. */
  r2: v.pipe(finite, v.maxValue(1)),
});

const autoencoderEntry = {
  config: autoencoderConfig,
  decoder: v.object({ files: fileList }),
  encoder: v.object({ files: fileList }),
  ...provenance,
};

/** A style of pictures, with the credit that its licence asks for. */
const pictureClass = v.object({
  label: v.pipe(v.number(), v.integer(), v.minValue(0)),
  name: text,
  title: text,
  artist: text,
  licence: text,
  licence_url: webAddress,
  source: webAddress,
});

/** Networks that look at pictures, for metrics alone. */
const features = v.object({
  embedding: v.optional(v.object({ config: embeddingConfig, files: fileList, ...provenance })),
  classifier: v.optional(
    v.object({
      config: classifierConfig,
      files: fileList,
      /** Share right on held-out drawings: of the class, and of each head by its name. */
      accuracy: v.object({ class: share, heads: v.record(v.string(), share) }),
      ...provenance,
    }),
  ),
});

/** A family field by field; whether its fields fit together is for `familyProblems` to say. */
export const familySchema = v.object({
  name: text,
  title: text,
  image_size: count,
  classes: v.pipe(v.array(pictureClass), v.minLength(1)),
  scale_factor: v.pipe(finite, v.minValue(Number.MIN_VALUE)),
  latent: v.object({ channels: count, height: count, width: count }),
  defaults: v.object({
    model: v.picklist(["light", "heavy", "c2f", HEAVY_FIRST]),
    tau: share,
    steps: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(1000)),
    solver: v.picklist(["euler", "midpoint", "heun", "rk4", "ab2"]),
    guidance: v.pipe(finite, v.minValue(0), v.maxValue(20)),
  }),
  autoencoder: v.object(autoencoderEntry),
  models: v.pipe(v.array(modelEntry), v.minLength(1)),
  /** Other autoencoders of the same pictures, each with its own latents. */
  autoencoders: v.optional(v.array(v.object({ name: plainName, about: text, ...autoencoderEntry }))),
  features: v.optional(features),
  preview: latentPreview,
});

export type FamilyFields = v.InferOutput<typeof familySchema>;
