import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  array,
  type GenericSchema,
  type InferOutput,
  number,
  object,
  record,
  safeParse,
  string,
} from "valibot";
import { ROOT } from "../setup/root.mjs";
import type { DrawnTar, TarEntry } from "./drawTar.ts";
import { DatasetFailure, fileFailure } from "./errors.ts";
import { fileSha256, sha256, unfinishedName, writeWhole } from "./files.ts";
import { type Plan, planTars, SPLITS, type Split, type TarPlan } from "./plan.ts";
import { STYLES } from "./styles.ts";

/** What makes a data set this one and no other: two folders with the same identity hold the same pictures. */
export interface Identity extends Plan {
  readonly format: 1;
  /** Names in the order of the labels. */
  readonly styles: readonly string[];
  /** Of the packages that decide pixels and bytes. */
  readonly versions: Readonly<Record<string, string>>;
}

const IDENTITY = {
  format: number(),
  size: number(),
  perClass: number(),
  heldOutPerClass: number(),
  perTar: number(),
  styles: array(string()),
  versions: record(string(), string()),
};
const ENTRY = object({
  file: string(),
  bytes: number(),
  sha256: string(),
  count: number(),
  pixelsSha256: string(),
});
const SPLIT = object({ count: number(), tars: array(ENTRY) });
const DATASET = object({
  ...IDENTITY,
  splits: object({ train: SPLIT, "held-out": SPLIT }),
  attributes: object({ file: string(), bytes: number(), sha256: string() }),
});
/** What is kept of a finished tar until all of them are there. */
const FINISHED = object({ entry: ENTRY, attributesSha256: string() });

const DATASET_FILE = "dataset.json";
const ATTRIBUTES_FILE = "attributes.jsonl";
/** Holds plan.json, and for each finished tar its entry and its attributes; gone when the data set is complete. */
const UNFINISHED = ".unfinished";

const PACKAGES = [...STYLES.map((style) => style.package), "@dicebear/core", "@resvg/resvg-js", "fflate"];

/** The identity of `plan`, drawn with what is installed here. */
export async function identityOf(plan: Plan): Promise<Identity> {
  const versions: Record<string, string> = {};
  for (const name of [...PACKAGES].sort())
    versions[name] = (
      await readJson(join(ROOT, "node_modules", name, "package.json"), object({ version: string() }))
    ).version;
  const { size, perClass, heldOutPerClass, perTar } = plan;
  return {
    format: 1,
    size,
    perClass,
    heldOutPerClass,
    perTar,
    styles: STYLES.map(({ name }) => name),
    versions,
  };
}

/** What a folder still lacks. */
export interface Inventory {
  readonly complete: boolean;
  /** Entries of the finished tars whose bytes are right, by file. */
  readonly finished: ReadonlyMap<string, TarEntry>;
  readonly missing: readonly { readonly tar: TarPlan; readonly pixelsSha256: string | null }[];
  /** dataset.json and attributes.jsonl belong together and are as they were written. */
  readonly attributesGood: boolean;
}

/** Looks at `folder` without changing it. Throws DatasetFailure when it holds something else than this data set. */
export async function takeStock(folder: string, identity: Identity): Promise<Inventory> {
  const files = await list(folder);
  const dataset = files.includes(DATASET_FILE) ? await readJson(join(folder, DATASET_FILE), DATASET) : null;
  const begun = (await list(join(folder, UNFINISHED))).includes("plan.json");
  if (dataset) refuseOthers(folder, identity, dataset);
  else if (begun)
    refuseOthers(folder, identity, await readJson(join(folder, UNFINISHED, "plan.json"), object(IDENTITY)));
  else {
    const foreign = files.find((file) => file !== UNFINISHED);
    if (foreign !== undefined) throw new DatasetFailure({ kind: "FolderNotEmpty", folder, file: foreign });
  }

  const attributesGood =
    dataset !== null && (await fileSha256(join(folder, ATTRIBUTES_FILE))) === dataset.attributes.sha256;
  const promised = new Map(
    dataset ? SPLITS.flatMap((split) => dataset.splits[split].tars).map((entry) => [entry.file, entry]) : [],
  );
  const finished = new Map<string, TarEntry>();
  const missing: { tar: TarPlan; pixelsSha256: string | null }[] = [];
  for (const tar of planTars(identity)) {
    const entry = attributesGood ? promised.get(tar.file) : await finishedEntry(folder, tar.file);
    if (entry && (await fileSha256(join(folder, tar.file))) === entry.sha256) finished.set(tar.file, entry);
    else missing.push({ tar, pixelsSha256: promised.get(tar.file)?.pixelsSha256 ?? null });
  }
  return { complete: attributesGood && missing.length === 0, finished, missing, attributesGood };
}

/** Makes the folder ours, or throws DatasetFailure when another process draws there. The result gives it back. */
export async function claim(folder: string, identity: Identity): Promise<() => Promise<void>> {
  const work = join(folder, UNFINISHED);
  const lock = join(work, "pid");
  try {
    await mkdir(work, { recursive: true });
  } catch (cause) {
    throw fileFailure(work, cause);
  }
  const pid = await ownerOf(lock);
  if (pid !== null) throw new DatasetFailure({ kind: "FolderInUse", folder, pid, lock });
  await writeWhole(lock, `${process.pid}\n`);
  await writeWhole(join(work, "plan.json"), json(identity));
  return () => rm(lock, { force: true });
}

/** Writes a drawn tar and then what is known about it, in an order that a kill cannot hurt. */
export async function store(folder: string, { entry, tar, attributes }: DrawnTar): Promise<void> {
  const beside = join(folder, UNFINISHED, entry.file);
  await writeWhole(join(folder, entry.file), tar);
  await writeWhole(`${beside}.jsonl`, attributes);
  await writeWhole(`${beside}.json`, json({ entry, attributesSha256: sha256(attributes) }));
}

/** Puts attributes.jsonl and dataset.json where they belong, after all tars. */
export async function complete(
  folder: string,
  identity: Identity,
  entries: ReadonlyMap<string, TarEntry>,
  attributesGood: boolean,
): Promise<void> {
  const tars = planTars(identity);
  if (!attributesGood) {
    const parts = await Promise.all(
      tars.map(({ file }) => readFile(join(folder, UNFINISHED, `${file}.jsonl`))),
    );
    await writeWhole(join(folder, ATTRIBUTES_FILE), Buffer.concat(parts));
  }
  const attributes = await readFile(join(folder, ATTRIBUTES_FILE));
  const splitOf = (split: Split) => {
    const listed = tars.filter((tar) => tar.split === split).flatMap(({ file }) => entries.get(file) ?? []);
    return { count: listed.reduce((sum, { count }) => sum + count, 0), tars: listed };
  };
  const dataset = {
    ...identity,
    splits: Object.fromEntries(SPLITS.map((split) => [split, splitOf(split)])),
    attributes: { file: ATTRIBUTES_FILE, bytes: attributes.length, sha256: sha256(attributes) },
  };
  for (const { file } of tars) await rm(unfinishedName(join(folder, file)), { force: true }); // of a killed run
  await writeWhole(join(folder, DATASET_FILE), json(dataset));
  await rm(join(folder, UNFINISHED), { recursive: true, force: true });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Names in a folder; none when it does not exist. */
async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw fileFailure(folder, cause);
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && cause.code === "ENOENT";

/** A JSON file of the given shape. Throws DatasetFailure. */
async function readJson<S extends GenericSchema>(path: string, schema: S): Promise<InferOutput<S>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new DatasetFailure({ kind: "UnreadableState", file: path, detail: cause.message });
    throw fileFailure(path, cause);
  }
  const parsed = safeParse(schema, value);
  if (!parsed.success)
    throw new DatasetFailure({ kind: "UnreadableState", file: path, detail: parsed.issues[0].message });
  return parsed.output;
}

/** Throws DatasetFailure (AnotherDataset) unless what the folder holds is what was asked for. */
function refuseOthers(folder: string, wanted: Identity, held: Omit<Identity, "format"> & { format: number }) {
  const differences = (["format", "size", "perClass", "heldOutPerClass", "perTar"] as const)
    .filter((name) => held[name] !== wanted[name])
    .map((name) => `${name} ${held[name]} instead of ${wanted[name]}`);
  if (held.styles.join() !== wanted.styles.join()) differences.push("other styles");
  for (const name of new Set([...Object.keys(wanted.versions), ...Object.keys(held.versions)]))
    if (held.versions[name] !== wanted.versions[name])
      differences.push(
        `${name} ${held.versions[name] ?? "missing"} instead of ${wanted.versions[name] ?? "none"}`,
      );
  if (differences.length > 0) throw new DatasetFailure({ kind: "AnotherDataset", folder, differences });
}

/** What was kept of a tar that an earlier run finished; null when it did not, or when what it kept is damaged. */
async function finishedEntry(folder: string, file: string): Promise<TarEntry | null> {
  const beside = join(folder, UNFINISHED, file);
  try {
    const { entry, attributesSha256 } = await readJson(`${beside}.json`, FINISHED);
    return (await fileSha256(`${beside}.jsonl`)) === attributesSha256 ? entry : null;
  } catch {
    return null; // drawing it again is always right
  }
}

/** The living process that a lock file names, other than this one. */
async function ownerOf(lock: string): Promise<number | null> {
  const pid = Number(await readFile(lock, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return null;
  try {
    process.kill(pid, 0); // asks only whether it is there
    return pid;
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM" ? pid : null;
  }
}
