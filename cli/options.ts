import { parseArgs } from "node:util";
import type { Family, Manifest } from "#checkpoints/manifest.ts";
import { type ChosenModels, chooseModels } from "#checkpoints/modelChoice.ts";
import { type ModelText, tauFor } from "#checkpoints/modelText.ts";
import { SOLVER_NAMES, type SolverName } from "#flow/solvers/names.ts";
import type { BackendName, ImageRequest } from "#workers/protocol.ts";
import { parseSeeds } from "./seeds.ts";

/** A mistake in how the command was called: the message says what to type instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const USAGE = `usage: npm run -s generate -- [options]
  --seed LIST        seeds, for instance 1,2,5-8               (default 1)
  --class NAME       a class, or one a seed separated by commas (default: the first)
  --family NAME      model family                               (default: the first)
  --model NAME       c2f | light | heavy | any model of the family (default: the family's);
                     c2f:NAME puts that model in the light one's place, c2f:NAME:NAME others in both,
                     c2f:heavy:light begins with the heavy one and has the usual tau mirrored
  --tau T            switch time 0 … 1 where two models take turns
  --steps N          points of the time grid: N-1 solver steps, 2 … 1000
  --solver NAME      ${SOLVER_NAMES.join(" | ")}
  --guidance W       classifier-free guidance, 0 … 20; 1 is none
  --batch N          images sampled side by side
  --from FILE        every setting from a PNG that steadyflow wrote; options given beside it win
  --out DIR          where the PNGs go                          (default .)
  --backend NAME     wasm | webgpu | cpu                        (default wasm)
  --json             one JSON object an image a line on stdout`;

const OPTIONS = {
  seed: { type: "string" },
  class: { type: "string" },
  family: { type: "string" },
  model: { type: "string" },
  tau: { type: "string" },
  steps: { type: "string" },
  solver: { type: "string" },
  guidance: { type: "string" },
  batch: { type: "string" },
  from: { type: "string" },
  out: { type: "string", default: "." },
  backend: { type: "string", default: "wasm" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** The command line as typed. Throws UsageError for an option that does not exist or lacks its value. */
export function readArguments(argv: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true });
    return values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}
export type Arguments = ReturnType<typeof readArguments>;

/** Settings that a PNG of ours carries; see docs/url-and-metadata.md. */
export interface StoredSettings {
  readonly family: string;
  readonly seed: number;
  readonly label: number;
  readonly model: ModelText;
  readonly tau: number;
  readonly steps: number;
  readonly solver: SolverName;
  readonly guidance: number;
}

export interface Settings {
  readonly family: Family;
  readonly images: readonly ImageRequest[];
  readonly model: ModelText;
  /** What `model` means in this family. */
  readonly chosen: ChosenModels;
  readonly tau: number;
  readonly steps: number;
  readonly solver: SolverName;
  readonly guidance: number;
  readonly batch: number | null;
  readonly backend: BackendName;
}

const BACKENDS = ["wasm", "webgpu", "cpu"] as const satisfies readonly BackendName[];

/** What to make: the option, else the PNG's setting, else the family's default. Ranges are checked by the engine.
 *  Throws UsageError. */
export function resolveSettings(
  typed: Arguments,
  stored: StoredSettings | null,
  manifest: Manifest,
): Settings {
  const familyName = typed.family ?? stored?.family ?? manifest.families[0].name;
  const family = manifest.families.find((f) => f.name === familyName);
  if (!family)
    throw new UsageError(
      `There is no family '${familyName}'. There is: ${manifest.families.map((f) => f.name).join(", ")}.`,
    );
  const { defaults } = family;
  const model = typed.model ?? stored?.model ?? defaults.model;
  const chosen = chooseModels(family, model);
  if (!chosen.ok) throw new UsageError(chosen.error);
  return {
    family,
    images: imagesOf(typed, stored, family),
    model,
    chosen: chosen.value,
    tau: number("tau", typed.tau) ?? tauFor(model, stored ?? defaults),
    steps: number("steps", typed.steps) ?? stored?.steps ?? defaults.steps,
    solver: oneOf("solver", typed.solver, SOLVER_NAMES) ?? stored?.solver ?? defaults.solver,
    guidance: number("guidance", typed.guidance) ?? stored?.guidance ?? defaults.guidance,
    batch: number("batch", typed.batch) ?? null,
    backend: oneOf("backend", typed.backend, BACKENDS) ?? "wasm",
  };
}

function imagesOf(typed: Arguments, stored: StoredSettings | null, family: Family): ImageRequest[] {
  const list = parseSeeds(typed.seed ?? String(stored?.seed ?? 1));
  if (!list.ok) throw new UsageError(`--seed: ${list.reason}`);
  const labels =
    typed.class === undefined
      ? [stored?.label ?? family.classes[0].label]
      : typed.class.split(",").map((name) => labelOf(name.trim(), family));
  if (labels.length !== 1 && labels.length !== list.seeds.length)
    throw new UsageError(
      `--class names ${labels.length} classes for ${list.seeds.length} seeds: give one, or one a seed.`,
    );
  return list.seeds.map((seed, i) => ({ seed, label: labels.length === 1 ? labels[0] : labels[i] }));
}

function labelOf(name: string, family: Family): number {
  const found = family.classes.find(
    (c) => c.name.toLowerCase() === name.toLowerCase() || String(c.label) === name,
  );
  if (!found)
    throw new UsageError(
      `There is no class '${name}'. There is: ${family.classes.map((c) => c.name).join(", ")}.`,
    );
  return found.label;
}

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new UsageError(`--${option} '${text}' is not a number.`);
  return value;
}

function oneOf<T extends string>(
  option: string,
  text: string | undefined,
  names: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = names.find((name) => name === text);
  if (!found) throw new UsageError(`--${option} '${text}' is not one of ${names.join(", ")}.`);
  return found;
}
