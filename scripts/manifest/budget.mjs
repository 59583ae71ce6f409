// @ts-check
import { readFileSync } from "node:fs";

/** What the weights of a family may weigh, and what counts. Sizes are those of the files as they are transferred: f16
 *  does not shrink when it is compressed.
 *
 *  - Before the first picture a visit loads the decoder and the light model: at most 5 MB.
 *  - Everything that the page is drawn and measured with, decoder, encoder, light, heavy, embedding network, classifier:
 *    at most 30 MB. Variants and further autoencoders are not in it: nothing loads them but a click on one.
 *  - A variant weighs at most 3 MB, one of the group `width` at most 6, one of the group `heavy` as much as the heavy
 *    model; a further autoencoder, both halves together, at most 5 MB.
 *  - A file is at most 15 MiB, so that a cut download costs little.
 *
 *  In bytes, from a file that the exporter reads too. */
const LIMITS = JSON.parse(readFileSync(new URL("limits.json", import.meta.url), "utf8"));

/** @typedef {{ file: string, bytes: number }} File
 *  @typedef {{ files: File[] }} Part
 *  @typedef {Part & { name: string, role: string, group?: string }} Model
 *  @typedef {{ decoder: Part, encoder: Part }} Autoencoder
 *  @typedef {{ name: string, autoencoder: Autoencoder, models: Model[], autoencoders?: (Autoencoder & { name: string })[],
 *    features?: { embedding?: Part, classifier?: Part } }} Family */

/** Bytes of a family's first picture and of everything it is drawn and measured with, as counted above.
 *  @param {Family} family
 *  @returns {{ firstPicture: number, family: number }} */
export function weigh({ autoencoder, models, features }) {
  const of = (/** @type {string} */ role) => models.find((model) => model.role === role);
  const firstPicture = bytesOf(autoencoder.decoder) + bytesOf(of("light"));
  return {
    firstPicture,
    family:
      firstPicture +
      bytesOf(autoencoder.encoder) +
      bytesOf(of("heavy")) +
      bytesOf(features?.embedding) +
      bytesOf(features?.classifier),
  };
}

/** A sentence for each limit that a family exceeds.
 *  @param {Family} family
 *  @returns {string[]} */
export function overBudget(family) {
  const { autoencoder, models, autoencoders = [], features } = family;
  const weight = weigh(family);
  const heavy = bytesOf(models.find((model) => model.role === "heavy"));
  /** @type {[what: string, bytes: number, limit: number][]} */
  const weighed = [
    ["decoder and light model", weight.firstPicture, LIMITS.firstPicture],
    ["decoder, encoder, light, heavy, embedding network and classifier", weight.family, LIMITS.family],
    ...models
      .filter((model) => model.role === "variant")
      .map(
        (model) =>
          /** @type {[string, number, number]} */ ([model.name, bytesOf(model), variantLimit(model, heavy)]),
      ),
    ...autoencoders.map(
      (one) =>
        /** @type {[string, number, number]} */ ([
          one.name,
          bytesOf(one.decoder) + bytesOf(one.encoder),
          LIMITS.otherAutoencoder,
        ]),
    ),
  ];
  const parts = [
    autoencoder.decoder,
    autoencoder.encoder,
    ...models,
    ...autoencoders.flatMap((one) => [one.decoder, one.encoder]),
    features?.embedding,
    features?.classifier,
  ];
  return [
    ...weighed
      .filter(([, bytes, limit]) => bytes > limit)
      .map(
        ([what, bytes, limit]) =>
          `${family.name}: ${what} weighs ${inMb(bytes)}; the limit is ${inMb(limit)}`,
      ),
    ...parts
      .flatMap((part) => part?.files ?? [])
      .filter(({ bytes }) => bytes > LIMITS.file)
      .map(
        ({ file, bytes }) =>
          `${file} weighs ${inMb(bytes)}; shards of at most ${inMb(LIMITS.file)} are wanted`,
      ),
  ];
}

/** @param {Model} model
 *  @param {number} heavy bytes of the heavy model */
function variantLimit({ group }, heavy) {
  if (group === "width") return LIMITS.wideVariant;
  // Its headers carry a longer name and another recipe.
  return group === "heavy" ? heavy + LIMITS.headers : LIMITS.variant;
}

const bytesOf = (/** @type {Part | undefined} */ part) =>
  (part?.files ?? []).reduce((sum, { bytes }) => sum + bytes, 0);

const inMb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
