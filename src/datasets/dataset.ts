import type { Refusal } from "./refusal.ts";

/** Time-ordered and unique: see newDatasetId in datasetId.ts. */
export type DatasetId = string;

/** A class of a data set: a folder that held pictures, or a drawn style. Labels are places in the list of classes. */
export interface DatasetClass {
  readonly name: string;
  /** Images of it, at least 1. */
  readonly count: number;
}

/** A file that is not in the data set, by its path, and why. */
export interface RefusedFile {
  readonly name: string;
  readonly reason: Refusal;
}

export type DatasetSource = "files" | "drawn";

/** What is known of a data set without reading its pixels. A data set without a record does not exist: the record is
 *  written last, in one transaction. */
export interface DatasetRecord {
  readonly id: DatasetId;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Width and height of every image in pixels. */
  readonly imageSize: number;
  /** Number of images, at least 1. */
  readonly count: number;
  readonly classes: readonly DatasetClass[];
  /** What pixels, labels, names and hashes take in storage; what was attached later is counted apart. */
  readonly bytes: number;
  readonly source: DatasetSource;
  readonly refused: readonly RefusedFile[];
  /** sha256, lower-case hex, of the images' own sha256 (32 bytes each) in order: equal for equal pixels, whatever the id. */
  readonly pixelsSha256: string;
}

/** Something computed from a data set that is kept with it and deleted with it: latents, scores. */
export interface Attachment {
  /** Unique within the data set, 1 … 200 characters: say in it what the bytes depend on. */
  readonly key: string;
  readonly bytes: number;
}

/** A data set that is in storage. Reads take no more memory than what they answer and one piece of at most 4 MiB.
 *  Every method rejects with a DatasetStoreError. */
export interface StoredDataset {
  readonly record: DatasetRecord;
  /** RGB, 3 bytes a pixel, row by row, of images from … from + count − 1: [count, size, size, 3]. The caller owns it. */
  images(from: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Class of each image: [count]. */
  labels(): Promise<Uint16Array<ArrayBuffer>>;
  /** Path or seed of each image: [count]. */
  names(): Promise<readonly string[]>;
  /** sha256 of each image's RGB bytes, lower-case hex: [count]. */
  pixelHashes(): Promise<readonly string[]>;
  attachments(): Promise<readonly Attachment[]>;
  /** Bytes from … to − 1 of what was attached under a key, all of it by default; null when nothing was. */
  attached(key: string, from?: number, to?: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Attaches, or replaces as a whole: after a crash the old bytes are there or the new ones, never parts of both. For
   *  workers, and one writer of a key at a time. */
  attach(key: string, bytes: Uint8Array): Promise<void>;
  /** Without effect when nothing is attached under the key. */
  detach(key: string): Promise<void>;
}

/** A data set that is being written. Until `finish` it is in no list; after a crash or a closed tab `sweep` removes it.
 *  Every method rejects with a DatasetStoreError. */
export interface DatasetWriter {
  readonly id: DatasetId;
  /** Adds an image: RGB, size × size × 3 bytes, copied. Holds one piece of at most 4 MiB. */
  add(rgb: Uint8Array): Promise<void>;
  /** Writes the rest and registers. `labels`, `names` and `pixelHashes` have one entry for each image added. */
  finish(about: FinishedDataset): Promise<DatasetRecord>;
  /** Removes everything that was written. */
  discard(): Promise<void>;
}

export interface FinishedDataset {
  readonly name: string;
  readonly source: DatasetSource;
  /** Names of the classes; those that no image has are left out and the labels closed up. */
  readonly classNames: readonly string[];
  readonly labels: readonly number[];
  readonly names: readonly string[];
  readonly pixelHashes: readonly string[];
  readonly refused: readonly RefusedFile[];
}

/** The data sets of this browser, the same in a page and in a worker; what writes (create, rename, attach) is for workers,
 *  since a page cannot write the private file system everywhere. Every method rejects with a DatasetStoreError. */
export interface DatasetStore {
  /** Newest first. */
  list(): Promise<readonly DatasetRecord[]>;
  /** null when there is none of this id. */
  open(id: DatasetId): Promise<StoredDataset | null>;
  /** Begins a data set of images of `imageSize` pixels a side. */
  create(imageSize: number): Promise<DatasetWriter>;
  rename(id: DatasetId, name: string): Promise<void>;
  /** Removes record, pixels and attachments. Without effect when there is none of this id. */
  remove(id: DatasetId): Promise<void>;
  /** Bytes that a data set's attachments take. */
  attachedBytes(id: DatasetId): Promise<number>;
  /** Removes what interrupted imports have left, of other tabs too; an import that still runs is left alone. Answers
   *  how many there were. */
  sweep(): Promise<number>;
  /** Deletes all data sets and the storage itself. */
  destroy(): Promise<void>;
  /** Calls `listen` after a data set came, went or was renamed, by whichever tab or worker. Gives what ends it. */
  onChange(listen: () => void): () => void;
}
