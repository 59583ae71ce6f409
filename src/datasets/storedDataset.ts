import type { ByteFiles } from "#files/byteFiles.ts";
import { readContainer } from "#files/container.ts";
import { attachmentsOf } from "./attachments.ts";
import type { DatasetRecord, StoredDataset } from "./dataset.ts";
import { toHex } from "./hex.ts";
import { imageBytes, imagesAPiece, piece } from "./pieces.ts";
import { DatasetStoreError, storeProblem } from "./storeError.ts";
import { type AboutHead, aboutFile, pixelFolder, recordFile } from "./writer.ts";

interface About {
  readonly labels: Uint16Array<ArrayBuffer>;
  readonly names: readonly string[];
  readonly pixelHashes: readonly string[];
}

/** Answers as `work` does; whatever it throws becomes a DatasetStoreError, but for mistakes of the caller. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new DatasetStoreError(storeProblem(cause));
  }
}

/** A data set whose record was read. */
export function storedDataset(files: ByteFiles, record: DatasetRecord): StoredDataset {
  const { id, imageSize, count: total } = record;
  const size = imageBytes(imageSize);
  const perPiece = imagesAPiece(imageSize);
  const kept = attachmentsOf(files, id);
  let about: Promise<About> | null = null;

  /** Of something that should be there: the data set was deleted meanwhile, or it is damaged. */
  async function gone(detail: string): Promise<DatasetStoreError> {
    const there = await files.read(recordFile(id));
    return new DatasetStoreError(there ? { kind: "Damaged", id, detail } : { kind: "Missing", id });
  }

  async function readAbout(): Promise<About> {
    const bytes = await files.read(aboutFile(id));
    const read = bytes && readContainer<AboutHead>(bytes);
    const { labels, hashes } = read?.ok ? read.value.arrays : {};
    if (!read?.ok || labels?.length !== total || !(hashes instanceof Uint8Array))
      throw await gone("labels and names are not whole");
    return {
      labels: Uint16Array.from(labels),
      names: read.value.head.names,
      pixelHashes: Array.from({ length: total }, (_, i) => toHex(hashes.subarray(32 * i, 32 * i + 32))),
    };
  }

  const known = (): Promise<About> =>
    guarded(() => {
      about ??= readAbout();
      about.catch(() => {
        about = null;
      });
      return about;
    });

  return {
    record,
    images: (from, count) =>
      guarded(async () => {
        if (!(from >= 0 && count >= 0 && from + count <= total && Number.isInteger(from + count)))
          throw new DatasetStoreError({ kind: "OutOfRange", from, count, of: total });
        const out = new Uint8Array(count * size);
        for (let i = from; i < from + count; ) {
          const n = Math.floor(i / perPiece);
          const stop = Math.min(from + count, (n + 1) * perPiece);
          const begin = (i - n * perPiece) * size;
          const read = await files.read(piece(pixelFolder(id), n), begin, begin + (stop - i) * size);
          if (read?.length !== (stop - i) * size) throw await gone(`piece ${n} of the pixels is not whole`);
          out.set(read, (i - from) * size);
          i = stop;
        }
        return out;
      }),
    labels: async () => (await known()).labels.slice(),
    names: async () => (await known()).names,
    pixelHashes: async () => (await known()).pixelHashes,
    attachments: () => guarded(kept.list),
    attached: (key, from, to) => guarded(() => kept.read(key, from, to)),
    attach: (key, bytes) => guarded(() => kept.write(key, bytes)),
    detach: (key) => guarded(() => kept.remove(key)),
  };
}
