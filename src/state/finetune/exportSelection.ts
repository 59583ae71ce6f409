import type { Choice } from "./choice.ts";
import { keptNow } from "./currentPlan.ts";
import type { Finetune, OpenSet } from "./finetune.ts";
import type { Scores } from "./scores.ts";

/** A selection with all that it follows from. */
interface Taken {
  readonly set: OpenSet;
  readonly choice: Choice;
  readonly scores: Scores | null;
  /** 1 for every picture that is kept. */
  readonly mask: Uint8Array;
}

type Value = string | number | null;

interface Column {
  readonly name: string;
  /** What the docs say of it; a test compares. */
  readonly meaning: string;
  readonly of: (taken: Taken, index: number) => Value;
}

/** The columns of the table, in order. */
export const SELECTION_COLUMNS: readonly Column[] = [
  { name: "index", meaning: "place in the data set, from 0", of: (_, index) => index },
  {
    name: "name",
    meaning: "path of the file, or seed of the drawing",
    of: ({ set }, index) => set.names[index],
  },
  {
    name: "class",
    meaning: "class by name",
    of: ({ set }, index) => set.record.classes[set.labels[index]]?.name ?? null,
  },
  { name: "sha256", meaning: "of the picture's RGB bytes", of: ({ set }, index) => set.pixelHashes[index] },
  { name: "kept", meaning: "1 when it is kept, else 0", of: ({ mask }, index) => mask[index] },
  {
    name: "by_hand",
    meaning: "keep or drop where that was said by hand",
    of: ({ choice }, index) => choice.overrides.get(index) ?? null,
  },
  { name: "loss", meaning: "L, mean of all is 1", of: ({ scores }, index) => scores?.loss?.[index] ?? null },
  {
    name: "gradient",
    meaning: "G, mean of all is 1",
    of: ({ scores }, index) => scores?.gradient?.[index] ?? null,
  },
  {
    name: "dominance",
    meaning: "D",
    of: ({ scores }, index) => scores?.dominance?.[index] ?? null,
  },
  {
    name: "cluster",
    meaning: "cluster of its features, from 0",
    of: ({ scores }, index) => scores?.clusters?.labels[index] ?? null,
  },
  {
    name: "distance",
    meaning: "distance of its features to the cluster's centroid",
    of: ({ scores }, index) => scores?.clusters?.distances[index] ?? null,
  },
];

function takenOf(state: Finetune): Taken | null {
  const { set, choice, scoring } = state;
  const mask = keptNow(state);
  return set && mask && { set, choice, scores: scoring.scores, mask };
}

/** Quoted where a comma, a quote or a line break would break the row (RFC 4180). */
const field = (value: Value): string => {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One line a picture under a line of names, CRLF, UTF-8. Numbers with all their digits; an empty field was not measured. null
 *  while nothing is chosen. */
export function selectionCsv(state: Finetune): string | null {
  const taken = takenOf(state);
  if (!taken) return null;
  const lines: (readonly Value[])[] = [SELECTION_COLUMNS.map(({ name }) => name)];
  for (let index = 0; index < taken.mask.length; index++)
    lines.push(SELECTION_COLUMNS.map(({ of }) => of(taken, index)));
  return lines.map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

/** The same as JSON, with what the selection follows from; null while nothing is chosen. */
export function selectionJson(state: Finetune): string | null {
  const taken = takenOf(state);
  if (!taken) return null;
  const { set, choice, scores, mask } = taken;
  const { record } = set;
  const kept = mask.reduce((sum, one) => sum + one, 0);
  return JSON.stringify(
    {
      format: "steadyflow-selection/1",
      dataset: {
        name: record.name,
        count: record.count,
        image_size: record.imageSize,
        pixels_sha256: record.pixelsSha256,
      },
      criterion: choice.criterion,
      ratio: choice.criterion === "all" ? 0 : choice.ratio,
      seed: choice.seed,
      by_hand: choice.overrides.size,
      kept,
      clusters: scores?.clusters?.count ?? null,
      pictures: Array.from(mask, (_, index) =>
        Object.fromEntries(SELECTION_COLUMNS.map(({ name, of }) => [name, of(taken, index)])),
      ),
    },
    null,
    1,
  );
}
