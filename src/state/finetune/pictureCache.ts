import type { DatasetStore, StoredDataset } from "#datasets/dataset.ts";
import type { Pixels } from "../pixels.ts";

/** Pictures of a data set for eyes: read when they are wanted, kept while there is room. */
export interface PictureCache {
  /** The picture if it is there. */
  peek(index: number): Pixels | null;
  /** Reads a picture soon, those that were wanted last first. */
  want(index: number): void;
  /** Called after pictures came. Gives what ends it. */
  subscribe(listen: () => void): () => void;
}

/** Bytes of pixels that are kept: 4,096 pictures of 64 pixels a side. */
const ROOM_BYTES = 64 * 2 ** 20;
/** Neighbours that one read takes along at most. */
const READ_AT_ONCE = 32;

/** failed: called with what a read was refused with. */
export function createPictureCache(
  datasets: Pick<DatasetStore, "open">,
  { id, imageSize, count }: { readonly id: string; readonly imageSize: number; readonly count: number },
  failed: (cause: unknown) => void,
): PictureCache {
  const kept = new Map<number, Pixels>();
  const room = Math.max(64, Math.floor(ROOM_BYTES / (4 * imageSize ** 2)));
  const listeners = new Set<() => void>();
  let wanted: number[] = [];
  let isReading = false;
  let stored: Promise<StoredDataset | null> | null = null;

  async function read(): Promise<void> {
    stored ??= datasets.open(id);
    const set = await stored;
    while (set) {
      const index = wanted.pop();
      if (index === undefined) return;
      if (kept.has(index)) continue;
      const { from, length } = stretch(index);
      const rgb = await set.images(from, length);
      const size = 3 * imageSize ** 2;
      for (let k = 0; k < length; k++)
        keep(from + k, { width: imageSize, height: imageSize, rgba: opaque(rgb, k * size, size) });
      for (const listen of listeners) listen();
    }
  }

  /** The wanted neighbours of a picture on both sides. */
  function stretch(index: number): { readonly from: number; readonly length: number } {
    const open = new Set(wanted);
    let [from, to] = [index, index + 1];
    while (to < count && to - from < READ_AT_ONCE && open.has(to)) to++;
    while (from > 0 && to - from < READ_AT_ONCE && open.has(from - 1)) from--;
    wanted = wanted.filter((one) => one < from || one >= to);
    return { from, length: to - from };
  }

  function keep(index: number, pixels: Pixels): void {
    kept.set(index, pixels);
    if (kept.size <= room) return;
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }

  return {
    peek(index) {
      const pixels = kept.get(index);
      if (!pixels) return null;
      kept.delete(index); // to the young end
      kept.set(index, pixels);
      return pixels;
    },
    want(index) {
      if (kept.has(index)) return;
      wanted = wanted.filter((one) => one !== index).slice(-room);
      wanted.push(index);
      if (isReading) return;
      isReading = true;
      // After the pictures that are wanted in the same turn.
      void Promise.resolve()
        .then(read)
        .catch((cause: unknown) => {
          wanted = [];
          failed(cause);
        })
        .finally(() => {
          isReading = false;
        });
    },
    subscribe(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
  };
}

function opaque(rgb: Uint8Array, from: number, size: number): Pixels["rgba"] {
  const rgba = new Uint8ClampedArray((size / 3) * 4);
  for (let p = from, q = 0; q < rgba.length; q += 4) {
    rgba[q] = rgb[p++];
    rgba[q + 1] = rgb[p++];
    rgba[q + 2] = rgb[p++];
    rgba[q + 3] = 255;
  }
  return rgba;
}
