import type { Family, FileEntry, ModelEntry } from "#checkpoints/manifest.ts";
import { type LocalModel, localModelOf } from "#library/localModel.ts";
import { networkWords } from "#library/networkWords.ts";

/** One download of a family, as a line of the list. */
export interface ShippedPart {
  /** As addresses and the engine name it. */
  readonly name: string;
  readonly title: string;
  /** What it is for, or how it differs. */
  readonly about: string;
  readonly network: string;
  readonly parameters: number;
  readonly files: readonly FileEntry[];
  readonly licence: string;
  readonly card: string;
  readonly recipe: ModelEntry["recipe"];
  readonly metrics: LocalModel["metrics"];
}

const ABOUT_ROLE = {
  light: "Draws the coarse part of a picture's way, or all of it, quickly.",
  heavy: "Finishes what the light model began, or draws all of it.",
  variant: "",
} as const;

export const isOwn = ({ files }: Pick<ModelEntry, "files">): boolean =>
  files.some(({ file }) => localModelOf(file) !== null);

/** What of a family is downloaded when it is needed. The reader's own models are not among it. */
export interface ShippedParts {
  /** What drawing and measuring need, in the order in which a reader meets it. */
  readonly main: readonly ShippedPart[];
  /** Models to compare with: the stability zoo and the like. */
  readonly variants: readonly ShippedPart[];
}

export function partsOf(family: Family): ShippedParts {
  const models = family.models.filter((model) => !isOwn(model));
  const withRole = (...roles: readonly ModelEntry["role"][]) =>
    models.filter(({ role }) => roles.includes(role)).map(modelPart);
  return {
    main: [...withRole("light"), ...withRole("heavy"), ...autoencoderParts(family), ...featureParts(family)],
    variants: withRole("variant"),
  };
}

const modelPart = (model: ModelEntry): ShippedPart => ({
  name: model.name,
  title: model.title ?? (model.role === "variant" ? model.name : `${capital(model.role)} model`),
  about: model.about ?? ABOUT_ROLE[model.role],
  network: networkWords(model),
  parameters: model.parameters,
  files: model.files,
  licence: model.licence,
  card: model.card,
  recipe: model.recipe,
  metrics: model.metrics ?? [],
});

function autoencoderParts({ autoencoder, autoencoders = [] }: Family): ShippedPart[] {
  const all = [{ name: "", about: "", ...autoencoder }, ...autoencoders];
  return all.flatMap(({ name, about, config, decoder, encoder, metrics = [], ...rest }) => {
    const { kind, hidden_channels: width, channel_multipliers: levels, factor } = config;
    const network = `${kind.toUpperCase()} autoencoder ${width} × (${levels.join(", ")}), ÷${factor}`;
    const suffix = name && `:${name}`;
    const of = name && ` of ${name}`;
    return [
      {
        ...rest,
        metrics,
        network,
        name: `decoder${suffix}`,
        title: `Decoder${of}`,
        about: about || "Turns latents into pictures.",
        files: decoder.files,
      },
      {
        ...rest,
        metrics,
        network,
        name: `encoder${suffix}`,
        title: `Encoder${of}`,
        about: about || "Turns pictures into latents, for training.",
        files: encoder.files,
      },
    ];
  });
}

function featureParts({ features }: Family): ShippedPart[] {
  const { embedding, classifier } = features ?? {};
  return [
    ...(embedding
      ? [
          {
            ...embedding,
            metrics: embedding.metrics ?? [],
            name: "embedding",
            title: "Embedding network",
            about: "Measures how alike two pictures are.",
            network: `Convolutions (${embedding.config.widths.join(", ")}), ${embedding.config.feature_dim} features`,
          },
        ]
      : []),
    ...(classifier
      ? [
          {
            ...classifier,
            metrics: [
              { name: "class told right", value: classifier.accuracy.class },
              ...(classifier.metrics ?? []),
            ],
            name: "classifier",
            title: "Attribute network",
            about: "Tells class and attributes of a picture.",
            network: `Convolutions (${classifier.config.widths.join(", ")}), ${classifier.config.heads.length} attributes`,
          },
        ]
      : []),
  ];
}

export const bytesOf = (files: readonly FileEntry[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
