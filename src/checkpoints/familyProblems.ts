import type { FamilyFields as Family } from "./familySchema.ts";

/** Names that mean something else wherever a model is named. */
const RESERVED = ["light", "heavy", "c2f", "decoder", "encoder", "embedding", "classifier"];

/** What is wrong with a family whose fields are each well formed: a sentence for every pair of fields that do not fit
 *  together. Pure; empty for a family that can be used. */
export function familyProblems(family: Family): readonly string[] {
  return [
    ...familyShape(family),
    ...family.models.flatMap((model) => modelProblems(family, model)),
    ...(family.autoencoders ?? []).flatMap((one) => autoencoderProblems(family, one)),
    ...classifierProblems(family),
    ...repeated(family.models.map((model) => model.name)).map((name) => `two models are called ${name}`),
    ...repeated((family.autoencoders ?? []).map((one) => one.name)).map(
      (name) => `two autoencoders are called ${name}`,
    ),
    ...(["light", "heavy"] as const)
      .filter((role) => family.models.filter((model) => model.role === role).length > 1)
      .map((role) => `more than one model has the role ${role}`),
    ...metricProblems(family),
  ];
}

function familyShape({ classes, latent, autoencoder: { config }, scale_factor, preview }: Family): string[] {
  return [
    ...(classes.every((one, i) => one.label === i)
      ? []
      : ["classes must be listed in label order 0, 1, 2, …"]),
    ...(latent.height === latent.width &&
    config.latent_channels === latent.channels &&
    latentSide(config) === latent.height
      ? []
      : ["the autoencoder's latents differ from the family's"]),
    ...(config.scale_factor === scale_factor
      ? []
      : ["the autoencoder's scale factor differs from the family's"]),
    ...(preview.matrix.every((row) => row.length === latent.channels)
      ? []
      : ["the preview needs a column a latent channel"]),
  ];
}

function modelProblems(family: Family, model: Family["models"][number]): string[] {
  const { name, role, config } = model;
  const own = model.classes ?? [];
  const known = [...family.classes.map((one) => one.name), ...own];
  const rows = known.length + (model.architecture === "unet" ? 1 : 0);
  const wanted = model.autoencoder;
  const latents =
    wanted === undefined
      ? family.autoencoder.config
      : family.autoencoders?.find((one) => one.name === wanted)?.config;
  const says = (problem: string) => `${name}: ${problem}`;
  const shown = latents && `[${latents.latent_channels}, ${latentSide(latents)}]`;
  return [
    ...(config.num_classes === rows
      ? []
      : [says(`the model has another number of classes (${config.num_classes} label rows, not ${rows})`)]),
    ...(repeated(known).length === 0 ? [] : [says(`two classes are called ${repeated(known)[0]}`)]),
    ...(latents ? [] : [says(`there is no autoencoder ${wanted}`)]),
    ...(!latents ||
    (config.in_channels === latents.latent_channels && config.input_size === latentSide(latents))
      ? []
      : [
          says(
            `the model's latents differ from the family's: [${config.in_channels}, ${config.input_size}], not ${shown}`,
          ),
        ]),
    ...(role === "variant" && (model.about === undefined || model.group === undefined)
      ? [says("a variant needs a sentence about what differs, and a group")]
      : []),
    ...(role !== "variant" && wanted !== undefined
      ? [says(`the ${role} model draws in the latents of the family's own autoencoder`)]
      : []),
    ...(RESERVED.includes(name) && name !== role
      ? [says(`no model but the ${name} one can have this name`)]
      : []),
  ];
}

function autoencoderProblems(
  family: Family,
  { name, config }: NonNullable<Family["autoencoders"]>[number],
): string[] {
  return config.image_size === family.image_size &&
    config.image_channels === family.autoencoder.config.image_channels
    ? []
    : [`${name}: the autoencoder's pictures have another size than the family's`];
}

function classifierProblems({ classes, features }: Family): string[] {
  const classifier = features?.classifier;
  if (!classifier) return [];
  const { styles, heads } = classifier.config;
  const names = classes.map((one) => one.name);
  const measured = Object.keys(classifier.accuracy.heads);
  const unmeasured = heads.filter((head) => !measured.includes(head.name)).map((head) => head.name);
  const unknown = measured.filter((name) => !heads.some((head) => head.name === name));
  return [
    ...(styles.join() === names.join() ? [] : ["the classifier has other classes than the family"]),
    ...heads
      .filter((head) => head.styles.some((style) => !styles.includes(style)))
      .map((head) => `the classifier's attribute ${head.name} names a class that there is not`),
    ...unmeasured.map((name) => `the classifier's attribute ${name} has no accuracy`),
    ...unknown.map((name) => `the classifier has no attribute ${name}, whose accuracy is given`),
  ];
}

/** Every list of metrics with the part that it belongs to. */
function metricProblems({ autoencoder, autoencoders, models, features }: Family): string[] {
  const parts = [
    { name: "autoencoder", metrics: autoencoder.metrics },
    ...(autoencoders ?? []),
    ...models,
    { name: "embedding", metrics: features?.embedding?.metrics },
    { name: "classifier", metrics: features?.classifier?.metrics },
  ];
  return parts.flatMap(({ name, metrics = [] }) => [
    ...repeated(metrics.map((metric) => metric.name)).map((metric) => `${name}: ${metric} is given twice`),
    ...metrics
      .filter(({ value, low = value, high = value }) => !(low <= value && value <= high))
      .map((metric) => `${name}: ${metric.name} lies outside its own interval`),
  ]);
}

const latentSide = (config: Family["autoencoder"]["config"]): number => config.image_size / config.factor;

const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, i) => names.indexOf(name) !== i)),
];
