// Writes public/models/manifest.json. What a person decides (titles, credits, defaults, recipes) is read from
// public/models/<family>/family.json; sizes, hashes, configs and parameter counts from the weights beside it.
// usage: node scripts/make-manifest.mjs [--check]   (--check: exit 1 when the file on disk differs)
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../public/models");

/** Files, config and parameter count of a part, from `<stem>.safetensors` or its numbered shards. */
function readPart(family, stem) {
  const names = readdirSync(join(root, family)).sort();
  const shards = names.filter(
    (n) => n.startsWith(`${stem}-`) && /^-\d{5}-of-\d{5}\.safetensors$/.test(n.slice(stem.length)),
  );
  const found = names.includes(`${stem}.safetensors`) ? [`${stem}.safetensors`] : shards;
  if (found.length === 0) throw new Error(`${family}: no weights called ${stem}`);
  let config;
  let parameters = 0;
  const files = found.map((name) => {
    const bytes = readFileSync(join(root, family, name));
    const { __metadata__: metadata, ...tensors } = JSON.parse(
      bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0))),
    );
    config = JSON.parse(metadata.config);
    for (const [tensor, { shape }] of Object.entries(tensors))
      if (tensor !== "pos_embed") parameters += shape.reduce((product, size) => product * size, 1); // a fixed table, not learned
    return {
      file: `${family}/${name}`,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
  });
  return { config, parameters, files };
}

function readFamily(name) {
  const { title, classes, defaults, autoencoder, models, preview } = JSON.parse(
    readFileSync(join(root, name, "family.json"), "utf8"),
  );
  const decoder = readPart(name, "autoencoder-decoder");
  const encoder = readPart(name, "autoencoder-encoder");
  const { image_size, scale_factor, factor, latent_channels } = decoder.config;
  return {
    name,
    title,
    image_size,
    classes,
    scale_factor,
    latent: { channels: latent_channels, height: image_size / factor, width: image_size / factor },
    defaults,
    autoencoder: {
      config: decoder.config,
      parameters: decoder.parameters + encoder.parameters,
      decoder: { files: decoder.files },
      encoder: { files: encoder.files },
      ...autoencoder,
    },
    models: models.map(({ name: model, role, architecture, ...about }) => ({
      name: model,
      role,
      architecture,
      ...readPart(name, model),
      ...about,
    })),
    preview,
  };
}

const families = readdirSync(root, { withFileTypes: true }).filter(
  (d) => d.isDirectory() && existsSync(join(root, d.name, "family.json")),
);
const manifest = {
  format: 1,
  families: families.map((d) => readFamily(d.name)).sort((a, b) => (a.name < b.name ? -1 : 1)),
};
const text = `${JSON.stringify(manifest, null, 2)}\n`;
const target = join(root, "manifest.json");
if (process.argv.includes("--check")) {
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
    console.error("public/models/manifest.json is out of date: run node scripts/make-manifest.mjs");
    process.exit(1);
  }
} else writeFileSync(target, text);
