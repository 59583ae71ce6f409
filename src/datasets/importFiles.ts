import { fail, ok, type Result } from "#bytes/result.ts";
import { sha256Hex } from "#bytes/sha256.ts";
import { type Candidate, listCandidates, type PickedFile } from "./candidates.ts";
import { classNames, folderOf } from "./classNames.ts";
import type { CropMode } from "./crop.ts";
import { cropToImage, squareOf } from "./cropToImage.ts";
import type { DatasetRecord, DatasetStore, DatasetWriter, RefusedFile } from "./dataset.ts";
import { createDuplicates, type Duplicates } from "./duplicates.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type DatasetImportError, importErrorOf } from "./importError.ts";
import type { NewImage, OnImportProgress } from "./importProgress.ts";
import { IMPORT_LIMITS } from "./limits.ts";
import type { Decode } from "./openPicture.ts";
import { openPicture, readBytes } from "./readPicture.ts";
import type { Refusal } from "./refusal.ts";

export interface ImportOptions {
  /** Name of the data set, 1 … 100 characters. */
  readonly name: string;
  /** Side of its images in pixels: the family's. */
  readonly imageSize: number;
  readonly crop: CropMode;
  /** Each folder that holds pictures is a class, or all pictures are one. */
  readonly classes: "folders" | "one";
  /** What to do with pictures that are nearly the same as an earlier one; equal ones are always left out. */
  readonly nearDuplicates: "skip" | "keep";
}

/** What an import works with. */
export interface ImportParts {
  readonly store: DatasetStore;
  readonly decode: Decode;
  /** Looked at before each file. */
  readonly signal: AbortSignal;
  readonly onProgress: OnImportProgress;
}

/** Makes a data set out of files, folders and archives, one file after the other: at any time there are the bytes of two
 *  files, one decoded picture and one piece of storage in memory, besides a few hundred bytes for each file. Never rejects;
 *  when it fails or is cancelled nothing is kept. */
export async function importFiles(
  picked: readonly PickedFile[],
  options: ImportOptions,
  parts: ImportParts,
): Promise<Result<DatasetRecord, DatasetImportError>> {
  const problem = optionProblem(options);
  if (problem) return fail(problem);
  let writer: DatasetWriter | null = null;
  try {
    const listed = await listCandidates(picked);
    if (!listed.ok) return listed;
    const { files, refused } = listed.value;
    const folders = new Set(files.map(({ path }) => folderOf(path)));
    if (options.classes === "folders" && folders.size > IMPORT_LIMITS.classes)
      return fail({ kind: "TooManyClasses", count: folders.size, limit: IMPORT_LIMITS.classes });
    if (parts.signal.aborted) return fail({ kind: "Cancelled" });

    writer = await parts.store.create(options.imageSize);
    const gathered = await gather(files, refused, options, parts, writer);
    if (!gathered) {
      await writer.discard();
      return fail({ kind: "Cancelled" });
    }
    if (gathered.names.length === 0) {
      await writer.discard();
      return fail({ kind: "NothingUsable", refused: gathered.refused });
    }
    return ok(await writer.finish({ ...gathered, name: options.name.trim(), source: "files" }));
  } catch (cause) {
    await writer?.discard().catch(() => {}); // what cannot be removed now is swept later
    return fail(importErrorOf(cause));
  }
}

export function optionProblem({
  name,
  imageSize,
}: Pick<ImportOptions, "name" | "imageSize">): DatasetImportError | null {
  const length = name.trim().length;
  if (length < 1 || length > IMPORT_LIMITS.name)
    return {
      kind: "BadOption",
      option: "name",
      detail: `${length} characters; 1 … ${IMPORT_LIMITS.name} are allowed`,
    };
  if (!Number.isInteger(imageSize) || imageSize < 16 || imageSize > 512)
    return { kind: "BadOption", option: "imageSize", detail: `${imageSize}; 16 … 512 pixels are allowed` };
  return null;
}

interface Gathered {
  readonly classNames: readonly string[];
  readonly labels: readonly number[];
  readonly names: readonly string[];
  readonly pixelHashes: readonly string[];
  readonly refused: readonly RefusedFile[];
}

/** Writes every usable picture; null when it was cancelled. */
async function gather(
  files: readonly Candidate[],
  refusedBefore: readonly RefusedFile[],
  options: ImportOptions,
  { decode, signal, onProgress }: ImportParts,
  writer: DatasetWriter,
): Promise<Gathered | null> {
  const refused = [...refusedBefore];
  const names: string[] = [];
  const pixelHashes: string[] = [];
  const folders: string[] = [];
  const seen: Seen = { files: new Map(), pixels: new Map(), duplicates: createDuplicates(), names };
  const of = files.length + refusedBefore.length;
  const report = (image: NewImage | null) =>
    onProgress(
      { done: names.length + refused.length, of, accepted: names.length, refused: refused.length },
      image,
    );

  report(null);
  /** The next file's bytes come from the disk while this one is decoded. */
  let next = files.length > 0 ? readBytes(files[0]) : null;
  for (const [i, candidate] of files.entries()) {
    const bytes = await next;
    next = i + 1 < files.length && !signal.aborted ? readBytes(files[i + 1]) : null;
    if (signal.aborted || !bytes) return null;
    const image = bytes.ok ? await toImage(bytes.value, options, decode, seen) : bytes;
    if (image.ok) {
      await writer.add(image.value.rgb);
      names.push(candidate.path);
      pixelHashes.push(image.value.sha256);
      folders.push(folderOf(candidate.path));
      seen.files.set(image.value.fileSha256, candidate.path);
      seen.pixels.set(image.value.sha256, candidate.path);
    } else refused.push({ name: candidate.path, reason: image.error });
    report(image.ok ? { name: candidate.path, rgb: image.value.rgb } : null);
  }
  if (signal.aborted) return null;

  if (options.classes === "one")
    return {
      classNames: [options.name.trim()],
      labels: names.map(() => 0),
      names,
      pixelHashes,
      refused,
    };
  const distinct = [...new Set(folders)];
  const labelOf = new Map(distinct.map((folder, label) => [folder, label]));
  return {
    classNames: classNames(distinct, options.name.trim()),
    labels: folders.map((folder) => labelOf.get(folder) ?? 0),
    names,
    pixelHashes,
    refused,
  };
}

/** What was accepted so far, to tell duplicates by. */
interface Seen {
  /** Paths by sha256 of a file, and by sha256 of an image's pixels. */
  readonly files: Map<string, string>;
  readonly pixels: Map<string, string>;
  readonly duplicates: Duplicates;
  /** Paths in the order of `duplicates`. */
  readonly names: readonly string[];
}

interface Image {
  readonly rgb: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  readonly fileSha256: string;
}

/** The image of a file, or why it has none. */
async function toImage(
  bytes: Uint8Array<ArrayBuffer>,
  { imageSize, crop, nearDuplicates }: ImportOptions,
  decode: Decode,
  seen: Seen,
): Promise<Result<Image, Refusal>> {
  const fileSha256 = await sha256Hex(bytes);
  const sameFile = seen.files.get(fileSha256);
  if (sameFile !== undefined) return fail({ kind: "SameFile", as: sameFile });

  const picture = await openPicture(bytes, imageSize, decode);
  if (!picture.ok) return picture;
  let rgb: Uint8Array<ArrayBuffer>;
  try {
    rgb = cropToImage(picture.value, squareOf(picture.value, crop), imageSize);
  } finally {
    picture.value.close();
  }

  const sha256 = await sha256Hex(rgb);
  const samePixels = seen.pixels.get(sha256);
  if (samePixels !== undefined) return fail({ kind: "SamePixels", as: samePixels });
  if (nearDuplicates === "skip") {
    const fingerprint = fingerprintOf(rgb, imageSize);
    const near = seen.duplicates.near(fingerprint);
    if (near)
      return fail({
        kind: "NearDuplicate",
        of: seen.names[near.place],
        bits: near.bits,
        levels: near.levels,
      });
    seen.duplicates.add(fingerprint);
  }
  return ok({ rgb, sha256, fileSha256 });
}
