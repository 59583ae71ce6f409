import { isModelText, tauFor } from "#checkpoints/modelText.ts";
import { DEFAULT_SETTINGS, type GenerateSettings, isSolverName, LIMITS, type StageView } from "./settings.ts";

/** One row of the link codec. `parse` answers undefined for a text that is no value of this key. */
interface HashKey<T> {
  readonly parse: (text: string) => T | undefined;
  readonly print: (value: T) => string;
  /** What the docs say of it; a test compares. */
  readonly meaning: string;
}

type Codec = {
  readonly [K in keyof GenerateSettings]: HashKey<GenerateSettings[K]> & { readonly key: string };
};

/** A name as manifests write them; keeps markup and control characters of a hostile link out. */
const NAME = /^[\w.-]{1,64}$/;
export const parseName = (text: string) => (NAME.test(text) ? text : undefined);

const integerWithin =
  ({ min, max }: { readonly min: number; readonly max: number }) =>
  (text: string) => {
    if (!/^\d{1,16}$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  };

const decimalWithin =
  ({ min, max }: { readonly min: number; readonly max: number }) =>
  (text: string) => {
    if (!/^\d{1,4}(\.\d{1,24})?(e-\d{1,3})?$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  };

const VIEWS: readonly StageView[] = ["one", "three"];

/** The one table of the link: key, parse, print, meaning; the defaults are DEFAULT_SETTINGS. */
export const HASH_CODEC: Codec = {
  family: { key: "family", parse: parseName, print: String, meaning: "family of models in the manifest" },
  seed: {
    key: "seed",
    parse: integerWithin(LIMITS.seed),
    print: String,
    meaning: "first seed, an integer 0 … 9007199254740991; image k takes seed + k",
  },
  count: {
    key: "count",
    parse: integerWithin(LIMITS.count),
    print: String,
    meaning: "number of seeds, 1 … 64",
  },
  className: {
    key: "class",
    parse: parseName,
    print: String,
    meaning: "class by name, or mixed: seed s takes class s mod the number of classes",
  },
  model: {
    key: "model",
    parse: (text) => (isModelText(text) ? text : undefined),
    print: String,
    meaning:
      "light, c2f, heavy or a model of the family by its name; c2f:NAME puts that model in the light one's place, c2f:NAME:NAME others in both, c2f:heavy:light begins with the heavy one and has the usual tau mirrored",
  },
  tau: {
    key: "tau",
    parse: decimalWithin(LIMITS.tau),
    print: String,
    meaning: "switch time in [0, 1], read when two models take turns",
  },
  steps: {
    key: "steps",
    parse: integerWithin(LIMITS.steps),
    print: String,
    meaning: "points N of the time grid, 2 … 1000: N−1 solver steps",
  },
  solver: {
    key: "solver",
    parse: (text) => (isSolverName(text) ? text : undefined),
    print: String,
    meaning: "euler, midpoint, heun, rk4 or ab2",
  },
  guidance: {
    key: "guidance",
    parse: decimalWithin(LIMITS.guidance),
    print: String,
    meaning: "classifier-free guidance w, 0 … 20; 1 is off",
  },
  view: {
    key: "view",
    parse: (text) => VIEWS.find((view) => view === text),
    print: String,
    meaning: "one picture a seed, or three: light, both in turns and heavy side by side",
  },
};

const FIELDS: readonly (keyof GenerateSettings)[] = [
  "family",
  "seed",
  "count",
  "className",
  "model",
  "tau",
  "steps",
  "solver",
  "guidance",
  "view",
];

const PAGE = "#/generate";

/** A value of the link that was not understood; the default took its place. */
export interface HashProblem {
  readonly key: string;
  readonly text: string;
  /** More values or characters than are read. */
  readonly excess?: { readonly of: "values" | "characters"; readonly count: number; readonly max: number };
}

export interface ParsedHash {
  readonly settings: GenerateSettings;
  /** Whether the link named any setting. */
  readonly explicit: boolean;
  readonly problems: readonly HashProblem[];
}

/** Total: every text gives settings; what it does not say, or says wrongly, is the default. Unknown keys are left alone. */
export function parseHash(hash: string, defaults: GenerateSettings = DEFAULT_SETTINGS): ParsedHash {
  const from = hash.indexOf("?");
  const given = new URLSearchParams(from < 0 ? "" : hash.slice(from + 1, from + 2001));
  const problems: HashProblem[] = [];
  let explicit = false;
  const read = <K extends keyof GenerateSettings>(settings: GenerateSettings, field: K): GenerateSettings => {
    const { key, parse } = HASH_CODEC[field];
    const text = given.get(key);
    if (text === null) return settings;
    explicit = true;
    const value = parse(text);
    if (value === undefined) {
      problems.push({ key, text: text.slice(0, 40) });
      return settings;
    }
    const next = { ...settings, [field]: value };
    return field === "model" ? { ...next, tau: tauFor(next.model, settings) } : next;
  };
  const settings = FIELDS.reduce((sofar, field) => read(sofar, field), defaults);
  return { settings, explicit, problems };
}

/** Every key is written, so that a link means the same after a default has changed. */
export function printHash(settings: GenerateSettings): string {
  const pair = <K extends keyof GenerateSettings>(field: K) => {
    const { key, print } = HASH_CODEC[field];
    return `${key}=${encodeURIComponent(print(settings[field]))}`;
  };
  return `${PAGE}?${FIELDS.map((field) => pair(field)).join("&")}`;
}
