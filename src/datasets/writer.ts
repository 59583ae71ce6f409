import { sha256Hex } from "#bytes/sha256.ts";
import type { ByteFiles } from "#files/byteFiles.ts";
import { packContainer } from "#files/container.ts";
import type { DatasetId, DatasetRecord, DatasetWriter, FinishedDataset } from "./dataset.ts";
import { fromHex } from "./hex.ts";
import { imageBytes, imagesAPiece, piece } from "./pieces.ts";

/** Files of a data set: `pixels/00000` …, `about` (labels, names, hashes) and, last, `record`: without it the rest is
 *  nobody's. */
export const pixelFolder = (id: DatasetId): string => `${id}/pixels`;
export const aboutFile = (id: DatasetId): string => `${id}/about`;
export const recordFile = (id: DatasetId): string => `${id}/record`;

export interface AboutHead {
  readonly names: readonly string[];
}

/** A writer of data set `id`; `release` is called once, when it was finished or discarded. */
export function createWriter(
  files: ByteFiles,
  id: DatasetId,
  imageSize: number,
  createdAt: number,
  release: () => void,
): DatasetWriter {
  const size = imageBytes(imageSize);
  const perPiece = imagesAPiece(imageSize);
  let held = new Uint8Array(perPiece * size);
  let count = 0;
  let bytes = 0;

  async function flush(images: number): Promise<void> {
    if (images === 0) return;
    const part = held.subarray(0, images * size);
    await files.write(piece(pixelFolder(id), Math.floor((count - 1) / perPiece)), [part]);
    bytes += part.length;
  }

  return {
    id,
    async add(rgb) {
      if (rgb.length !== size)
        throw new RangeError(`${rgb.length} bytes are no ${imageSize} × ${imageSize} image`);
      held.set(rgb, (count % perPiece) * size);
      count++;
      if (count % perPiece === 0) await flush(perPiece);
    },
    async finish(about) {
      if (count === 0) throw new RangeError("a data set needs an image");
      for (const list of [about.labels, about.names, about.pixelHashes])
        if (list.length !== count) throw new RangeError(`${list.length} entries for ${count} images`);
      await flush(count % perPiece);
      held = new Uint8Array();

      const { classes, labels } = usedClasses(about);
      const hashes = new Uint8Array(32 * count);
      about.pixelHashes.forEach((hash, i) => hashes.set(fromHex(hash), 32 * i));
      const aboutParts = packContainer<AboutHead>({
        head: { names: about.names },
        arrays: { labels: Uint32Array.from(labels), hashes },
      });
      await files.write(aboutFile(id), aboutParts);
      const record: DatasetRecord = {
        id,
        name: about.name,
        createdAt,
        imageSize,
        count,
        classes,
        bytes: bytes + aboutParts.reduce((sum, part) => sum + part.length, 0),
        source: about.source,
        refused: about.refused,
        pixelsSha256: await sha256Hex(hashes),
      };
      await files.write(recordFile(id), packContainer({ head: record, arrays: {} }));
      release();
      return record;
    },
    async discard() {
      held = new Uint8Array();
      try {
        await files.remove(`${id}/`);
      } finally {
        release();
      }
    },
  };
}

/** Classes that an image has, with counts, and the labels as places among them. */
function usedClasses({ classNames, labels }: FinishedDataset) {
  const counts = classNames.map((_, label) => labels.filter((l) => l === label).length);
  const used = classNames.map((_, label) => label).filter((label) => counts[label] > 0);
  const place = new Map(used.map((label, i) => [label, i]));
  return {
    classes: used.map((label) => ({ name: classNames[label], count: counts[label] })),
    labels: labels.map((label) => {
      const closed = place.get(label);
      if (closed === undefined) throw new RangeError(`label ${label} of ${classNames.length} classes`);
      return closed;
    }),
  };
}
