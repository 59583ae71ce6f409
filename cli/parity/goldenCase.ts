import * as v from "valibot";
import { toFloat32 } from "#checkpoints/floats.ts";
import { describeSafetensorsError, parseSafetensors } from "#checkpoints/safetensors.ts";
import { CaseError } from "./caseError.ts";
import type { CaseFolder } from "./caseFolder.ts";
import type { HostTensor } from "./hostTensor.ts";

type HostTensors = ReadonlyMap<string, HostTensor>;

const limit = v.pipe(v.number(), v.finite(), v.minValue(0));

/** What every case file has; the rest is read by the kind's own schema. */
const caseSchema = v.looseObject({
  case: v.string(),
  kind: v.string(),
  inputs: v.optional(v.array(v.string()), []),
  outputs: v.optional(v.array(v.string()), []),
  weights: v.optional(v.nullable(v.string()), null),
  atol: v.optional(limit),
  rtol: v.optional(limit),
  atol_tight: v.optional(limit),
  rtol_tight: v.optional(limit),
});

export interface Limits {
  readonly atol: number;
  readonly rtol: number;
}

/** A case as read: its JSON, its tensors, and the limits for each sort of backend. */
export interface GoldenCase {
  readonly name: string;
  readonly kind: string;
  /** The whole JSON object; each kind reads its part of it by `readConfig`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Names of the expected outputs, `out.…`. */
  readonly outputs: readonly string[];
  readonly tensors: HostTensors;
  /** Null for cases without tolerance (all of it exact). */
  readonly limits: { readonly gpu: Limits; readonly tight: Limits } | null;
}

/** Reads `file` (`<case>.json`) and the safetensors file beside it, if its JSON names tensors.
 *  Throws CaseError with what is wrong. */
export async function readGoldenCase(folder: CaseFolder, file: string): Promise<GoldenCase> {
  const parsed = v.safeParse(caseSchema, parseJson(file, await folder.read(file)));
  if (!parsed.success) throw new CaseError(`${file}: ${sentences(parsed.issues)}`);
  const json = parsed.output;
  const name = file.replace(/\.json$/, "");
  const wantsTensors = json.inputs.length + json.outputs.length > 0 || json.weights !== null;
  const tensors = wantsTensors ? await readTensors(folder, `${name}.safetensors`) : new Map();
  for (const tensor of [...json.inputs, ...json.outputs]) {
    if (!tensors.has(tensor)) throw new CaseError(`${name}.safetensors has no ${tensor}`);
  }
  return { name, kind: json.kind, json, outputs: json.outputs, tensors, limits: limitsOf(json) };
}

function limitsOf(json: v.InferOutput<typeof caseSchema>): GoldenCase["limits"] {
  const { atol, rtol } = json;
  if (atol === undefined || rtol === undefined) return null;
  const tight = { atol: json.atol_tight ?? atol, rtol: json.rtol_tight ?? rtol };
  return { gpu: { atol, rtol }, tight };
}

function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CaseError(`${file} is not JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
}

async function readTensors(folder: CaseFolder, file: string): Promise<HostTensors> {
  if (!folder.files.includes(file)) throw new CaseError(`the tensors' file ${file} is missing`);
  const parsed = parseSafetensors(await folder.read(file));
  if (!parsed.ok) throw new CaseError(`${file}: ${describeSafetensorsError(parsed.error)}`);
  const tensors = new Map<string, HostTensor>();
  for (const [name, raw] of parsed.value.tensors)
    tensors.set(name, { shape: raw.shape, values: toFloat32(raw) });
  return tensors;
}

const sentences = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues.map((issue) => `${v.getDotPath(issue) ?? "the file"}: ${issue.message}`).join("; ");

/** The part of the case's JSON that a kind needs. Throws CaseError where it departs from the schema. */
export function readConfig<Schema extends v.GenericSchema>(
  golden: GoldenCase,
  schema: Schema,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, golden.json);
  if (!parsed.success) throw new CaseError(sentences(parsed.issues));
  return parsed.output;
}

/** A tensor of the case by its full name. Throws CaseError when there is none. */
export function tensorOf(golden: GoldenCase, name: string): HostTensor {
  const tensor = golden.tensors.get(name);
  if (!tensor) throw new CaseError(`the case has no ${name}`);
  return tensor;
}

/** An input of the case, by its name without "in.". Throws CaseError when there is none. */
export const inputOf = (golden: GoldenCase, name: string): HostTensor => tensorOf(golden, `in.${name}`);

/** Class labels, times and other short lists of the case. */
export const numbersOf = (golden: GoldenCase, name: string): number[] => [...inputOf(golden, name).values];

/** The tensors under `weights.` (or `weights.<part>.`), by their checkpoint names. */
export function weightsOf(golden: GoldenCase, part = ""): Map<string, HostTensor> {
  const prefix = part === "" ? "weights." : `weights.${part}.`;
  const found = new Map<string, HostTensor>();
  for (const [name, tensor] of golden.tensors) {
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), tensor);
  }
  if (found.size === 0) throw new CaseError(`the case has no ${prefix}*`);
  return found;
}
