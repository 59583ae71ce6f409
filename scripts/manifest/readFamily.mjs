// @ts-check
/** A family as the manifest lists it: what a person or the exporter wrote down (titles, credits, recipes, metrics) from
 *  family.json; sizes, hashes, configs and parameter counts from the weights beside it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Files, config, architecture and parameter count of a part, from `<stem>.safetensors` or its numbered shards.
 *  Throws when there are none, when a shard is missing, or when a header does not say its config.
 *  @param {string} root folder of the manifest
 *  @param {string} family
 *  @param {string} stem */
export function readPart(root, family, stem) {
  const names = readdirSync(join(root, family)).sort();
  const shards = names.filter(
    (name) => name.startsWith(`${stem}-`) && /^-\d{5}-of-\d{5}\.safetensors$/.test(name.slice(stem.length)),
  );
  const whole = names.includes(`${stem}.safetensors`);
  if (whole && shards.length > 0)
    throw new Error(`${family}: ${stem} is there whole and in shards; delete one`);
  const found = whole ? [`${stem}.safetensors`] : shards;
  if (found.length === 0) throw new Error(`${family}: no weights called ${stem}`);
  const promised = whole ? 1 : Number(shards[0]?.slice(-17, -12));
  if (found.length !== promised)
    throw new Error(`${family}: ${stem} has ${found.length} of ${promised} shards`);
  /** What each shard's header says of the whole.
   *  @type {Record<string, any>[]} */
  const described = [];
  let parameters = 0;
  const files = found.map((name) => {
    const bytes = readFileSync(join(root, family, name));
    const { __metadata__: metadata, ...tensors } = JSON.parse(
      bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0))),
    );
    if (!metadata?.config) throw new Error(`${family}/${name} does not say its config in its header`);
    described.push(JSON.parse(metadata.config));
    for (const [tensor, { shape }] of Object.entries(tensors))
      if (tensor !== "pos_embed")
        parameters += shape.reduce(
          (/** @type {number} */ product, /** @type {number} */ size) => product * size,
          1,
        ); // a fixed table, not learned
    return {
      file: `${family}/${name}`,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
  });
  const { architecture = "dit", ...config } = described[0] ?? {};
  return { architecture, config, parameters, files };
}

/** @param {string} root folder of the manifest
 *  @param {string} name */
export function readFamily(root, name) {
  const { title, classes, defaults, autoencoder, models, autoencoders, features, preview } = JSON.parse(
    readFileSync(join(root, name, "family.json"), "utf8"),
  );
  /** @param {string} stem */
  const readAutoencoder = (stem) => {
    const decoder = readPart(root, name, `${stem}-decoder`);
    const encoder = readPart(root, name, `${stem}-encoder`);
    return {
      config: decoder.config,
      parameters: decoder.parameters + encoder.parameters,
      decoder: { files: decoder.files },
      encoder: { files: encoder.files },
    };
  };
  /** A network that looks at pictures, for metrics.
   *  @param {string} stem
   *  @param {object | undefined} about */
  const readFeatures = (stem, about) => {
    if (!about) return undefined;
    const { architecture, ...part } = readPart(root, name, stem);
    return { ...part, ...about };
  };
  const own = readAutoencoder("autoencoder");
  const { image_size, scale_factor, factor, latent_channels } = own.config;
  return {
    name,
    title,
    image_size,
    classes,
    scale_factor,
    latent: { channels: latent_channels, height: image_size / factor, width: image_size / factor },
    defaults,
    autoencoder: { ...own, ...autoencoder },
    models: models.map((/** @type {{ name: string, role: string }} */ { name: model, role, ...about }) => {
      const { architecture, ...part } = readPart(root, name, model);
      return { name: model, role, architecture, ...part, ...about };
    }),
    autoencoders: autoencoders?.map(
      (/** @type {{ name: string, about: string }} */ { name: one, about, ...rest }) => ({
        name: one,
        about,
        ...readAutoencoder(one),
        ...rest,
      }),
    ),
    features: features && {
      embedding: readFeatures("embedding", features.embedding),
      classifier: readFeatures("classifier", features.classifier),
    },
    preview,
  };
}
