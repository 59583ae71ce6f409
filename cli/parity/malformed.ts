import * as v from "valibot";
import { describeZipError } from "#bytes/zipRecords.ts";
import { toFloat32 } from "#checkpoints/floats.ts";
import { describeNumpyError, parseNumpy } from "#checkpoints/numpy.ts";
import { describeSafetensorsError, parseSafetensors } from "#checkpoints/safetensors.ts";
import type { TensorMap } from "#checkpoints/tensor.ts";
import { describeTorchError, parseTorch } from "#checkpoints/torch.ts";
import { checkWeights, describeWeightsError } from "#checkpoints/weights.ts";
import { readZip, readZipEntry } from "#checkpoints/zip.ts";
import { checkJpeg, describeJpegError } from "#images/jpeg.ts";
import { sniffKind } from "#images/kind.ts";
import { describePngError } from "#images/pngChunks.ts";
import { checkPng } from "#images/pngPixels.ts";
import { createDiT } from "#models/dit.ts";
import { type DiTConfig, ditSpec } from "#models/ditConfig.ts";
import { ModelError } from "#models/modelError.ts";
import { CaseError } from "./caseError.ts";
import type { CaseFolder } from "./caseFolder.ts";
import { ditConfig } from "./configs.ts";

/** The list that says what must become of each file of a corpus of good and bad files. */
export const MALFORMED_LIST = "expected.json";

export interface MalformedOutcome {
  /** The file's name. */
  readonly name: string;
  readonly passed: boolean;
  /** What became of the file, in one sentence; for a failure, what should have. */
  readonly detail: string;
}

const listSchema = v.object({
  model: v.optional(v.unknown()),
  files: v.array(v.looseObject({ file: v.string() })),
});

/** One file of the list. */
const listedSchema = v.object({
  file: v.string(),
  type: v.string(),
  level: v.picklist(["format", "model"]),
  /** null: either way, but with an answer. */
  must_reject: v.nullable(v.boolean()),
  expect: v.optional(v.record(v.string(), v.union([v.number(), v.array(v.number())])), {}),
});
type Listed = v.InferOutput<typeof listedSchema>;

/** What a reader made of a file: values under the names that `expect` uses, or why it was refused. */
type Reading =
  | {
      readonly refused: false;
      readonly note: string;
      values(name: string): number | readonly number[] | undefined;
    }
  | { readonly refused: true; readonly error: string; readonly detail: string };

const refuse = (error: { readonly kind: string }, detail: string): Reading => ({
  refused: true,
  error: error.kind,
  detail,
});

/** Longer than any file of a corpus may take: a slow machine reads the largest in well under a second. */
const slowestMs = 10_000;

/** Runs every file that the folder's expected.json lists, and nothing else decides: must_reject true needs an error
 *  with a name, false needs the file to load with its `expect` met, null allows either; in each case without a throw,
 *  within 10 seconds, and without a change to a built-in prototype. Files of level `model` are loaded as weights of the
 *  DiT that the list's `model` describes. An entry that cannot be judged is a failed one.
 *  Throws CaseError when there is no list. */
export async function runMalformed(folder: CaseFolder): Promise<MalformedOutcome[]> {
  const list = await readList(folder);
  const model = v.safeParse(ditConfig, list.model);
  const config = model.success ? model.output : undefined;
  const outcomes: MalformedOutcome[] = [];
  for (const entry of list.files) {
    const listed = v.safeParse(listedSchema, entry);
    outcomes.push(
      listed.success
        ? await runFile(folder, listed.output, config)
        : { name: entry.file, passed: false, detail: sentences(listed.issues) },
    );
  }
  return outcomes;
}

async function readList(folder: CaseFolder): Promise<v.InferOutput<typeof listSchema>> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(await folder.read(MALFORMED_LIST)));
  } catch (cause) {
    throw new CaseError(
      `${MALFORMED_LIST} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
    );
  }
  const parsed = v.safeParse(listSchema, json);
  if (parsed.success) return parsed.output;
  throw new CaseError(`${MALFORMED_LIST}: ${sentences(parsed.issues)}`);
}

const sentences = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues.map((issue) => `${v.getDotPath(issue) ?? "the entry"}: ${issue.message}`).join("; ");

async function runFile(
  folder: CaseFolder,
  listed: Listed,
  config: DiTConfig | undefined,
): Promise<MalformedOutcome> {
  const judged = (passed: boolean, detail: string): MalformedOutcome => ({
    name: listed.file,
    passed,
    detail,
  });
  if (!folder.files.includes(listed.file)) return judged(false, "the file is missing");
  const bytes = await folder.read(listed.file);
  const prototypes = prototypeKeys();
  const start = performance.now();
  let reading: Reading | null;
  try {
    reading = read(listed, bytes, config);
  } catch (cause) {
    return judged(
      false,
      `threw ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`,
    );
  }
  const ms = performance.now() - start;
  if (prototypeKeys() !== prototypes) return judged(false, "changed a built-in prototype");
  if (ms > slowestMs) return judged(false, `took ${(ms / 1000).toFixed(1)} s`);
  if (!reading) return judged(false, `nothing here reads ${listed.type} at level ${listed.level}`);
  if (reading.refused)
    return judged(listed.must_reject !== false, `refused, ${reading.error}: ${reading.detail}`);
  if (listed.must_reject === true) return judged(false, `loaded (${reading.note}), but had to be refused`);
  const difference = firstDifference(reading, listed.expect);
  return difference === null ? judged(true, `loaded: ${reading.note}`) : judged(false, difference);
}

/** Names of everything on the prototypes that parsed data could reach. */
const prototypeKeys = (): string =>
  [Object.prototype, Array.prototype, Map.prototype, Function.prototype]
    .map((p) => Reflect.ownKeys(p).map(String).join())
    .join(";");

function firstDifference(
  reading: Exclude<Reading, { refused: true }>,
  expected: Listed["expect"],
): string | null {
  for (const [name, want] of Object.entries(expected)) {
    const got = reading.values(name);
    const same =
      typeof want === "number" || typeof got === "number" || got === undefined
        ? got === want
        : got.length === want.length && want.every((value, i) => got[i] === Math.fround(value));
    if (!same)
      return `${name} is ${JSON.stringify(got)?.slice(0, 80) ?? "absent"}, expected ${JSON.stringify(want).slice(0, 80)}`;
  }
  return null;
}

/** null when there is no reader for the file's type at its level. */
function read({ type, level }: Listed, bytes: Uint8Array, config: DiTConfig | undefined): Reading | null {
  if (level === "model" && (!config || (type !== "safetensors" && type !== "pt"))) return null;
  switch (type) {
    case "safetensors": {
      const parsed = parseSafetensors(bytes);
      if (!parsed.ok) return refuse(parsed.error, describeSafetensorsError(parsed.error));
      return readTensors(parsed.value.tensors, [], level === "model" ? config : undefined);
    }
    case "pt": {
      const parsed = parseTorch(bytes);
      if (!parsed.ok) return refuse(innermost(parsed.error), describeTorchError(parsed.error));
      return readTensors(parsed.value.tensors, parsed.value.skipped, level === "model" ? config : undefined);
    }
    case "npy": {
      const parsed = parseNumpy(bytes);
      if (!parsed.ok) return refuse(parsed.error, describeNumpyError(parsed.error));
      const { shape } = parsed.value;
      const row_major = [...toFloat32(parsed.value)];
      return loaded({ shape, row_major }, `shape [${shape.join(", ")}]`);
    }
    case "png": {
      const checked = checkPng(bytes);
      if (!checked.ok) return refuse(checked.error, describePngError(checked.error));
      const { width, height } = checked.value.header;
      return loaded({ width, height }, `${width} × ${height}`);
    }
    case "jpg": {
      const checked = checkJpeg(bytes);
      if (!checked.ok) return refuse(checked.error, describeJpegError(checked.error));
      const { width, height } = checked.value;
      return loaded({ width, height }, `${width} × ${height}`);
    }
    case "zip":
      return readPictures(bytes);
    default:
      return null;
  }
}

/** The error inside an error, which has the more telling name. */
function innermost(error: { readonly kind: string; readonly error?: { readonly kind: string } }): {
  readonly kind: string;
} {
  return error.error ?? error;
}

const loaded = (values: Readonly<Record<string, number | readonly number[]>>, note: string): Reading => ({
  refused: false,
  note,
  values: (name) => (Object.hasOwn(values, name) ? values[name] : undefined),
});

/** Tensors on their own, or as the weights of a network, which is built of them and let go. */
function readTensors(tensors: TensorMap, skipped: readonly string[], config: DiTConfig | undefined): Reading {
  const notes = [`${tensors.size} tensors`];
  if (skipped.length > 0) notes.push(`no tensors, skipped: ${skipped.join(", ")}`);
  if (config) {
    const checked = checkWeights(tensors, ditSpec(config));
    if (!checked.ok) return refuse(checked.error, describeWeightsError(checked.error));
    try {
      createDiT(config, checked.value.weights).dispose();
    } catch (cause) {
      if (!(cause instanceof ModelError)) throw cause;
      return refuse(cause.problem, cause.message);
    }
    if (checked.value.unexpected.length > 0)
      notes.push(`not part of the model, left out: ${checked.value.unexpected.join(", ")}`);
  }
  return {
    refused: false,
    note: notes.join("; "),
    values: (name) => {
      const tensor = tensors.get(name);
      return tensor && [...toFloat32(tensor)];
    },
  };
}

/** An archive of pictures: every entry must unpack; those that are sound PNGs or JPEGs are counted. */
function readPictures(bytes: Uint8Array): Reading {
  const archive = readZip(bytes);
  if (!archive.ok) return refuse(archive.error, describeZipError(archive.error));
  let images = 0;
  for (const entry of archive.value.values()) {
    const content = readZipEntry(entry);
    if (!content.ok) return refuse(content.error, describeZipError(content.error));
    const kind = sniffKind(content.value);
    if ((kind === "png" && checkPng(content.value).ok) || (kind === "jpeg" && checkJpeg(content.value).ok))
      images++;
  }
  return loaded({ images }, `${images} images`);
}
