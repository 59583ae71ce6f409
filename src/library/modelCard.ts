import type { LocalModel } from "./localModel.ts";
import { networkWords } from "./networkWords.ts";

/** A model card in Markdown, of what is known and nothing else. what: the sentence about this very file. */
export function modelCard(model: LocalModel, what: string): string {
  const { name, kind, family, autoencoder, classes, base, recipe, licence, metrics, parameters } = model;
  const latents = autoencoder ? `${family}, autoencoder ${autoencoder}` : family;
  const facts: readonly (readonly [string, string])[] = [
    ["Network", `${networkWords(model)}; ${parameters.toLocaleString("en")} parameters`],
    ["Latents", latents],
    ...(classes.length > 0 ? [["Further classes", classes.join(", ")] as const] : []),
    ["Licence", licence || "not stated"],
    ...(base ? [["Trained from", base.name] as const] : []),
    ...(recipe
      ? ([
          ["Data", recipe.data],
          ["Steps", recipe.steps === null ? "not written down" : String(recipe.steps)],
          ["Pictures seen", String(recipe.samples_seen)],
          ["Time", `${recipe.minutes.toPrecision(3)} min on ${recipe.device}`],
          ["Last loss", recipe.loss === null ? "not written down" : short(recipe.loss)],
          ["Seed", recipe.seed === null ? "not written down" : String(recipe.seed)],
          ...(recipe.notes ? [["Notes", recipe.notes] as const] : []),
        ] as const)
      : [["Training", "not written down"] as const]),
  ];
  const numbers = metrics.map((metric) => {
    const range =
      metric.low === undefined || metric.high === undefined
        ? ""
        : ` (${short(metric.low)} – ${short(metric.high)})`;
    return `| ${metric.name} | ${short(metric.value)}${range} | ${metric.unit ?? ""} |`;
  });
  return [
    `# ${name}`,
    "",
    `A ${kind} velocity model for latent flow matching. ${what}`,
    "",
    "| | |",
    "|---|---|",
    ...facts.map(([title, fact]) => `| ${title} | ${fact} |`),
    ...(numbers.length > 0 ? ["", "| Measured | Value | Unit |", "|---|---|---|", ...numbers] : []),
    "",
    "Names and layout of the weights are those of the official DiT checkpoints. Import the file on the Models page of",
    "steadyflow, or read it with any safetensors library; its metadata hold the same facts as JSON.",
    "",
  ].join("\n");
}

/** Four digits that count: more are noise of the measurement. */
const short = (value: number): string => String(Number(value.toPrecision(4)));
