import type { Family } from "#checkpoints/manifest.ts";
import { tauFor } from "#checkpoints/modelText.ts";
import { AXIS_NAMES, type Axis } from "#compare/axis.ts";
import { moveTheSwitch } from "#compare/presets.ts";
import {
  CELL_VIEWS,
  type CellView,
  type ComparisonSettings,
  type FixedSettings,
  type Place,
} from "#compare/settings.ts";
import { axisOf, parseAxis } from "#compare/values.ts";
import { HASH_CODEC, type HashProblem } from "../hash.ts";

/** One row of the link codec. `parse` answers undefined for a text that is no value of this key. */
interface HashKey<T> {
  readonly key: string;
  readonly parse: (text: string) => T | undefined;
  readonly print: (value: T) => string;
  /** What the docs say of it; a test compares. */
  readonly meaning: string;
}

type Fields = Omit<ComparisonSettings, "fixed"> & FixedSettings;
type Codec = { readonly [K in keyof Fields]: HashKey<Fields[K]> };

/** `tau:0,0.5,1`: what changes, and its values as they are typed. */
function readDirection(text: string) {
  const colon = text.indexOf(":");
  const name = AXIS_NAMES.find((one) => one === text.slice(0, colon));
  return name && parseAxis(name, text.slice(colon + 1));
}

function parseDirection(text: string): Axis | undefined {
  const axis = readDirection(text);
  return axis?.ok ? axis.value : undefined;
}

/** By how much a direction has too many values or characters; undefined where that is not what is wrong with it. */
function excessOf(text: string): HashProblem["excess"] {
  const axis = readDirection(text);
  if (!axis || axis.ok) return undefined;
  const { error } = axis;
  if (error.kind === "TooMany") return { of: "values", count: error.count, max: error.max };
  if (error.kind === "TooLong") return { of: "characters", count: text.length, max: error.max };
  return undefined;
}

/** Without the spaces that make a list easy to read beside the grid. */
const printDirection = ({ name, text }: Axis): string => `${name}:${text.replace(/\s/g, "")}`;

const NO_PANELS = "none";

function parsePlace(text: string): Place | undefined {
  const [row, column, panel = 1] = /^\d{1,4}(\.\d{1,4}){1,2}$/.test(text) ? text.split(".").map(Number) : [];
  if (!row || !column || !panel) return undefined;
  return { panel: panel - 1, row: row - 1, column: column - 1 };
}

const { family, className, model, tau, steps, solver, guidance } = HASH_CODEC;

/** The one table of a comparison's link. Whatever is no axis is fixed, with the keys of the Generate page's link. */
export const COMPARE_CODEC: Codec = {
  family,
  rows: {
    key: "rows",
    parse: parseDirection,
    print: printDirection,
    meaning: "what changes from row to row, and its values: tau:0,0.5,1 or seed:1-4",
  },
  columns: {
    key: "columns",
    parse: parseDirection,
    print: printDirection,
    meaning: "what changes from column to column",
  },
  panels: {
    key: "panels",
    parse: (text) => (text === NO_PANELS ? null : parseDirection(text)),
    print: (axis) => (axis ? printDirection(axis) : NO_PANELS),
    meaning: "what changes from panel to panel, or none",
  },
  seed: { ...HASH_CODEC.seed, meaning: "seed where seed is no axis, an integer 0 … 9007199254740991" },
  className,
  model,
  tau,
  steps,
  solver,
  guidance,
  reference: {
    key: "reference",
    parse: parsePlace,
    print: ({ row, column, panel }) => [row, column, panel].map((at) => at + 1).join("."),
    meaning: "cell that the others are compared with: row.column.panel, each from 1",
  },
  view: {
    key: "view",
    parse: (text) => CELL_VIEWS.find((view): view is CellView => view === text),
    print: String,
    meaning: "image, difference, blink or slider",
  },
};

const FIELDS = [
  "family",
  "rows",
  "columns",
  "panels",
  "seed",
  "className",
  "model",
  "tau",
  "steps",
  "solver",
  "guidance",
  "reference",
  "view",
] as const satisfies readonly (keyof Fields)[];

const PAGE = "#/compare";

/** Longest link that is read, in characters: three axes as long as they may be, every character of them escaped. */
const LONGEST = 50_000;
/** What is said of a text that is not understood. */
const shortened = (text: string) => text.slice(0, 40);

export interface ParsedComparison {
  readonly settings: ComparisonSettings;
  /** Whether the link named any setting. */
  readonly explicit: boolean;
  readonly problems: readonly HashProblem[];
}

const joined = ({
  family,
  columns,
  rows,
  panels,
  reference,
  view,
  ...fixed
}: Fields): ComparisonSettings => ({
  family,
  columns,
  rows,
  panels,
  fixed,
  reference,
  view,
});

/** A link that says what one direction is leaves the other to seeds, or to tau where it is the seeds itself. */
function usualDirections(given: ReadonlySet<keyof Fields>, fields: Fields): Fields {
  const other = (axis: Axis): Axis =>
    axis.name === "seed" ? axisOf("tau", "0, 0.3, 0.5, 0.7, 1") : axisOf("seed", "1-4");
  if (fields.rows.name !== fields.columns.name) return fields;
  if (!given.has("rows")) return { ...fields, rows: other(fields.columns) };
  return given.has("columns") ? fields : { ...fields, columns: other(fields.rows) };
}

/** Total: every text gives settings; what it does not say, or says wrongly, is usual for the family, and so is all of a link
 *  that is too long, since a part of it would be another grid. Unknown keys are left alone. familyOf: a family by its name, the usual one for a name that there is not. */
export function parseCompareHash(hash: string, familyOf: (name: string | null) => Family): ParsedComparison {
  const from = hash.indexOf("?");
  const isTooLong = hash.length > LONGEST;
  const given = new URLSearchParams(from < 0 || isTooLong ? "" : hash.slice(from + 1));
  const { fixed, ...rest } = moveTheSwitch(familyOf(given.get(family.key)));
  const usual: Fields = { ...rest, ...fixed };
  const problems: HashProblem[] = isTooLong
    ? [
        {
          key: hash.slice(1, from),
          text: shortened(hash.slice(from + 1)),
          excess: { of: "characters", count: hash.length, max: LONGEST },
        },
      ]
    : [];
  const named = new Set<keyof Fields>();
  const read = <K extends keyof Fields>(fields: Fields, field: K): Fields => {
    const { key, parse } = COMPARE_CODEC[field];
    const text = given.get(key);
    if (text === null) return fields;
    const value = parse(text);
    const isKnown = value !== undefined && (field !== "family" || value === usual.family);
    named.add(field);
    if (!isKnown) {
      const excess = parse === parseDirection || field === "panels" ? excessOf(text) : undefined;
      problems.push({ key, text: shortened(text), ...(excess && { excess }) });
      return fields;
    }
    const next = { ...fields, [field]: value };
    return field === "model" ? { ...next, tau: tauFor(next.model, fields) } : next;
  };
  const fields = FIELDS.reduce((sofar, field) => read(sofar, field), usual);
  return { settings: joined(usualDirections(named, fields)), explicit: named.size > 0, problems };
}

/** Spaces as +, and the marks that an address may carry as they are: a link can be read, and typed. */
const encoded = (text: string) =>
  encodeURIComponent(text).replaceAll("%20", "+").replaceAll("%2C", ",").replaceAll("%3A", ":");

/** Every key is written, so that a link means the same after a default has changed. */
export function printCompareHash(settings: ComparisonSettings): string {
  const { fixed, ...rest } = settings;
  const fields: Fields = { ...rest, ...fixed };
  const pair = <K extends keyof Fields>(field: K) => {
    const { key, print } = COMPARE_CODEC[field];
    return `${key}=${encoded(print(fields[field]))}`;
  };
  return `${PAGE}?${FIELDS.map((field) => pair(field)).join("&")}`;
}
