import { expect, test } from "vitest";
import { createDatasetStore } from "#datasets/store.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import { createPictureCache } from "#state/finetune/pictureCache.ts";
import { filled, image, memoryLocks } from "../../datasets/support.ts";

async function openCache(count: number) {
  const store = createDatasetStore({ files: memoryFiles(), locks: memoryLocks() });
  const record = await filled(store, count, 16);
  const reads: number[][] = [];
  const failures: unknown[] = [];
  const cache = createPictureCache(
    {
      async open(id) {
        const stored = await store.open(id);
        return (
          stored && {
            ...stored,
            images: (from, length) => {
              reads.push([from, length]);
              return stored.images(from, length);
            },
          }
        );
      },
    },
    record,
    (cause) => failures.push(cause),
  );
  const came = () =>
    new Promise<void>((resolve) => {
      const end = cache.subscribe(() => {
        end();
        resolve();
      });
    });
  return { cache, reads, failures, came, store, record };
}

test("a picture that is wanted comes with its pixels, opaque; neighbours come in one read, the last wanted first", async () => {
  const { cache, reads, came } = await openCache(60);
  for (const index of [40, 3, 4, 5, 7]) cache.want(index);
  await came();
  await expect.poll(() => cache.peek(40)).not.toBe(null);
  expect(reads).toEqual([
    [7, 1],
    [3, 3],
    [40, 1],
  ]);
  const rgba = cache.peek(4)?.rgba ?? new Uint8ClampedArray();
  expect(rgba.filter((_, i) => i % 4 !== 3)).toEqual(new Uint8ClampedArray(image(4, 16)));
  expect(rgba.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  expect(cache.peek(6)).toBe(null);
});

test("what is there is not read again, and a set that is gone is said once", async () => {
  const { cache, reads, came, failures, store, record } = await openCache(4);
  cache.want(1);
  await came();
  cache.want(1);
  expect(reads.length).toBe(1);
  await store.remove(record.id);
  cache.want(2);
  await expect.poll(() => failures.length).toBe(1);
  expect(cache.peek(2)).toBe(null);
});
