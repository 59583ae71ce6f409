import { CACHE_NAME, cacheKey, sha256OfKey } from "#checkpoints/weightCache.ts";
import { connectLibrary } from "#workers/libraryClient.ts";
import type { ShelfHost, WeightCache } from "./host.ts";

const openCache = (): Promise<Cache | null> =>
  "caches" in globalThis ? caches.open(CACHE_NAME) : Promise.resolve(null);

const weights: WeightCache = {
  async list() {
    const cache = await openCache();
    if (!cache) return null;
    return (await cache.keys()).flatMap(({ url }) => sha256OfKey(url) ?? []);
  },
  async bytes(files) {
    const cache = await openCache();
    const sizes = await Promise.all(
      files.map(async (sha256) => (await (await cache?.match(cacheKey(sha256)))?.blob())?.size ?? 0),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  },
  async remove(files) {
    const cache = await openCache();
    await Promise.all(files.map((sha256) => cache?.delete(cacheKey(sha256))));
  },
};

/** The page's own browser, as far as the Models page needs it. */
export const shelfHost = (): ShelfHost => ({
  library: connectLibrary(),
  weights,
  async room() {
    // Plain http has no storage manager, older Safari no estimate.
    if (!navigator.storage?.estimate) return null;
    const [{ usage, quota }, lasting] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
    ]);
    return usage === undefined || quota === undefined
      ? null
      : { usedBytes: usage, givenBytes: quota, lasting };
  },
  async makeLasting() {
    await navigator.storage?.persist?.();
  },
});
