import type { DatasetStore, FinishedDataset } from "#datasets/dataset.ts";
import type { ImportLocks } from "#datasets/importLocks.ts";
import type { ByteFiles } from "#files/byteFiles.ts";

/** Locks of one process that can be broken off, as by a tab that dies. */
export function memoryLocks(): ImportLocks & { die(): void } {
  const held = new Set<string>();
  return {
    async hold(id) {
      held.add(id);
      return () => held.delete(id);
    },
    isHeld: async (id) => held.has(id),
    die: () => held.clear(),
  };
}

/** Files that end with an error in the middle of write number `at` (from 0), half of its bytes on the disk. */
export function cutAt(files: ByteFiles, at: number): ByteFiles & { readonly writes: number } {
  let writes = 0;
  return {
    ...files,
    get writes() {
      return writes;
    },
    async write(name, parts) {
      if (writes++ !== at) return files.write(name, parts);
      const whole = Uint8Array.from(Buffer.concat(parts));
      await files.write(name, [whole.slice(0, whole.length >> 1)]);
      throw new DOMException("The disk is full.", "QuotaExceededError");
    },
  };
}

/** Image `i` of a made-up set: a ramp that no other image has. */
export function image(i: number, size: number): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array(3 * size * size);
  for (let at = 0; at < rgb.length; at++) rgb[at] = at * 7 + i * 31 + (at >> 8) * i;
  return rgb;
}

export const hashOf = (i: number): string => i.toString(16).padStart(64, "0");

/** What is said of `count` made-up images, in classes by turns. */
export const about = (count: number, more: Partial<FinishedDataset> = {}): FinishedDataset => ({
  name: "made up",
  source: "files",
  classNames: ["a", "b", "never"],
  labels: Array.from({ length: count }, (_, i) => i % 2),
  names: Array.from({ length: count }, (_, i) => `${i}.png`),
  pixelHashes: Array.from({ length: count }, (_, i) => hashOf(i)),
  refused: [],
  ...more,
});

/** Writes `count` made-up images and registers them. */
export async function filled(
  store: DatasetStore,
  count: number,
  size: number,
  more: Partial<FinishedDataset> = {},
) {
  const writer = await store.create(size);
  for (let i = 0; i < count; i++) await writer.add(image(i, size));
  return writer.finish(about(count, more));
}
