// @ts-check
/** The part of a model card that the manifest knows: which networks there are, and what made them. It stands between two
 *  marks in the card; everything else is written by hand. */

const [BEGIN, END] = ["<!-- networks: made from the manifest -->", "<!-- end of networks -->"];

/** @typedef {{ samples_seen: number, minutes: number, device: string, notes: string }} Recipe */
/** @typedef {{ name: string, title?: string, about?: string, role?: string, architecture?: string, config: any, parameters?: number,
 *    files: readonly { bytes: number }[], recipe: Recipe }} Network */

/** @param {number} count */
const grouped = (count) => count.toLocaleString("en-US");
/** @param {number} parameters */
const millions = (parameters) => `${(parameters / 1e6).toFixed(2)} M`;
/** @param {readonly { bytes: number }[]} files */
const megabytes = (files) => `${(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1)} MB`;
/** Of weights that began with others the minutes are often those of the last samples alone; their notes then say from which
 *  sample on (`flow_notes` of pretrain/recipes.py).
 *  @param {Recipe} recipe */
function trained({ samples_seen, minutes, device, notes }) {
  const since = Number(/minutes count from sample ([\d,]+) on/.exec(notes)?.[1]?.replaceAll(",", "") ?? 0);
  const last = since > 0 ? ` for the last ${grouped(samples_seen - since)}` : "";
  return `${grouped(samples_seen)} samples, ${Math.round(minutes)} minutes${last} on ${device}`;
}

/** What differs, and how it was made.
 *  @param {{ about?: string, recipe: Recipe }} network */
const wordsOf = ({ about = "", recipe: { notes } }) =>
  `${about} ${notes.slice(0, 1).toUpperCase()}${notes.slice(1)}.`.trim();

/** @param {Network} network */
function shapeOf({ architecture, config }) {
  if (architecture === "dit")
    return `DiT ${config.depth} × ${config.hidden_size}, patch ${config.patch_size}`;
  return `U-Net ${config.base_channels} × ${config.channel_mult.join(" ")}`;
}

/** @param {Network} network */
const rowOf = (network) =>
  [
    network.name,
    shapeOf(network),
    millions(network.parameters ?? 0),
    megabytes(network.files),
    trained(network.recipe),
    wordsOf(network),
  ].join(" | ");

/** The table of a family of the manifest.
 *  @param {{ models: readonly any[], autoencoder: any, autoencoders?: readonly any[], features?: Record<string, any> }} family */
export function networksTable({ models, autoencoder, autoencoders = [], features = {} }) {
  const rows = models.map(rowOf);
  for (const { name, config, parameters, decoder, encoder, recipe, about } of [
    { name: "autoencoder", ...autoencoder },
    ...autoencoders,
  ]) {
    const shape = `${config.kind.toUpperCase()} autoencoder, ${config.hidden_channels} × ${config.channel_multipliers.join(" ")}`;
    const files = [...decoder.files, ...encoder.files];
    rows.push(
      [name, shape, millions(parameters), megabytes(files), trained(recipe), wordsOf({ about, recipe })].join(
        " | ",
      ),
    );
  }
  for (const [name, { files, recipe, parameters }] of Object.entries(features))
    rows.push(
      [
        name,
        "convolutions",
        millions(parameters),
        megabytes(files),
        trained(recipe),
        wordsOf({ recipe }),
      ].join(" | "),
    );
  const head = ["name", "network", "parameters", "size", "trained on", "what it is"];
  const line = head.map((_, column) => (column === 2 || column === 3 ? "--:" : "---"));
  return [head.join(" | "), line.join(" | "), ...rows].map((row) => `| ${row} |`).join("\n");
}

/** The card with the table renewed; a card without the marks stays as it is.
 *  @param {string} card @param {Parameters<typeof networksTable>[0]} family */
export function withNetworks(card, family) {
  const [begin, end] = [card.indexOf(BEGIN), card.indexOf(END)];
  if (begin < 0 || end < begin) return card;
  return `${card.slice(0, begin + BEGIN.length)}\n\n${networksTable(family)}\n\n${card.slice(end)}`;
}
