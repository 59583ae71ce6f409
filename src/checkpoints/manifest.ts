import * as v from "valibot";

/** The manifest of everything the page can download: families, each an autoencoder with its velocity models.
 *  It comes from outside, so it passes this schema once at the border and is typed and trusted from there on.
 *  `scripts/make-manifest.mjs` writes it. File names are relative to the manifest's own address. */

const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.minValue(Number.MIN_VALUE));
const webAddress = v.pipe(v.string(), v.url(), v.startsWith("http"));

const fileEntry = v.object({
  /** No leading slash, no "..", no scheme: a manifest can only name files beside itself. */
  file: v.pipe(
    v.string(),
    v.regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*\.safetensors$/, "not a plain relative path"),
  ),
  /** At most 2 GiB, so that a file fits one buffer in every browser. */
  bytes: v.pipe(count, v.maxValue(2 ** 31)),
  /** Lower-case hex. */
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "not a sha256 in hex")),
});
const fileList = v.pipe(v.array(fileEntry), v.minLength(1));

const ditConfig = v.object({
  input_size: count,
  patch_size: count,
  in_channels: count,
  hidden_size: count,
  depth: count,
  num_heads: count,
  mlp_ratio: positive,
  num_classes: count,
  class_dropout_prob: v.pipe(finite, v.minValue(0), v.maxValue(1)),
  learn_sigma: v.boolean(),
});

const autoencoderConfig = v.object({
  kind: v.picklist(["kl", "vq"]),
  image_channels: count,
  image_size: count,
  use_attention: v.boolean(),
  residual_scale: finite,
  groups: count,
  factor: count,
  scale_factor: positive,
  hidden_channels: count,
  channel_multipliers: v.pipe(v.array(count), v.minLength(1)),
  num_residual_blocks: count,
  latent_channels: count,
  /** Rows of the codebook; VQ only. */
  codebook_size: v.optional(count),
});

const recipe = v.object({
  data: text,
  samples_seen: count,
  minutes: positive,
  device: text,
  /** Last training loss; null where the recipe does not name one. */
  loss: v.nullable(finite),
  notes: v.string(),
});

const modelEntry = v.object({
  name: text,
  role: v.picklist(["light", "heavy", "variant"]),
  architecture: v.literal("dit"),
  config: ditConfig,
  parameters: count,
  files: fileList,
  recipe,
  licence: text,
  /** Model card, relative to the manifest. */
  card: text,
});

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

const row = (length: number) => v.pipe(v.array(finite), v.length(length));

const family = v.pipe(
  v.object({
    name: text,
    title: text,
    image_size: count,
    classes: v.pipe(v.array(pictureClass), v.minLength(1)),
    scale_factor: positive,
    latent: v.object({ channels: count, height: count, width: count }),
    defaults: v.object({
      model: v.picklist(["light", "heavy", "c2f"]),
      tau: v.pipe(finite, v.minValue(0), v.maxValue(1)),
      steps: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(1000)),
      solver: v.picklist(["euler", "midpoint", "heun", "rk4", "ab2"]),
      guidance: v.pipe(finite, v.minValue(0), v.maxValue(20)),
    }),
    autoencoder: v.object({
      config: autoencoderConfig,
      parameters: count,
      decoder: v.object({ files: fileList }),
      encoder: v.object({ files: fileList }),
      recipe,
      licence: text,
      card: text,
    }),
    models: v.pipe(v.array(modelEntry), v.minLength(1)),
    /** Linear map from a scaled latent pixel to RGB in [-1,1], rgb = matrix · x1 + bias: matrix [3][channels], bias [3]. */
    preview: v.object({
      matrix: v.pipe(v.array(v.array(finite)), v.length(3)),
      bias: row(3),
      /** Share of the variance of held-out area-averaged pictures that the map explains. */
      r2: v.pipe(finite, v.maxValue(1)),
    }),
  }),
  v.check(
    (f) => f.classes.every((c, i) => c.label === i),
    "classes must be listed in label order 0, 1, 2, …",
  ),
  v.check(
    (f) => f.models.every((m) => m.config.num_classes === f.classes.length),
    "a model has another number of classes",
  ),
  v.check(
    ({ latent, models, autoencoder: { config } }) =>
      latent.height === latent.width &&
      config.latent_channels === latent.channels &&
      models.every((m) => m.config.in_channels === latent.channels && m.config.input_size === latent.height),
    "a model's latents differ from the family's",
  ),
  v.check(
    (f) => f.preview.matrix.every((r) => r.length === f.latent.channels),
    "the preview needs a column a latent channel",
  ),
);

export const manifestSchema = v.object({
  format: v.literal(1),
  families: v.pipe(v.array(family), v.minLength(1)),
});

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type Family = Manifest["families"][number];
export type ModelEntry = Family["models"][number];
/** One file to download: name relative to the manifest, size and hash. */
export type FileEntry = ModelEntry["files"][number];
/** A part of a family; `light` and `heavy` are its models of that role, any other model goes by its name. */
export type ManifestPart = "decoder" | "encoder" | "light" | "heavy";

/** The manifest, or one sentence for every place where `value` departs from the schema. Never throws. */
export function parseManifest(value: unknown): { ok: true; value: Manifest } | { ok: false; error: string } {
  const parsed = v.safeParse(manifestSchema, value);
  if (parsed.success) return { ok: true, value: parsed.output };
  return {
    ok: false,
    error: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "manifest"}: ${issue.message}`).join("; "),
  };
}

export const findFamily = (manifest: Manifest, name: string): Family | undefined =>
  manifest.families.find((f) => f.name === name);

/** The model that serves a role, or that carries this name; undefined when the family has none. */
export const findModel = (of: Family, roleOrName: string): ModelEntry | undefined =>
  of.models.find((m) => m.role === roleOrName) ?? of.models.find((m) => m.name === roleOrName);

/** Files of a part in shard order; undefined when the family has no such part. part: a ManifestPart or a model's name. */
export function filesOf(of: Family, part: string): readonly FileEntry[] | undefined {
  if (part === "decoder") return of.autoencoder.decoder.files;
  if (part === "encoder") return of.autoencoder.encoder.files;
  return findModel(of, part)?.files;
}
