import { CACHE_NAME } from "#checkpoints/weightCache.ts";

/** As much of the Cache API as the store uses, kept in memory: Node has none. The store's browser test runs on the
 *  real one. `quotaBytes` makes a put beyond it fail as a full disk does. */
export function memoryCaches(quotaBytes = Number.POSITIVE_INFINITY) {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  const unused = () => Promise.reject(new Error("not used by the store"));
  const cache: Cache = {
    match: async (key) => {
      const bytes = entries.get(String(key));
      return bytes && new Response(bytes.slice());
    },
    put: async (key, response) => {
      const bytes = new Uint8Array(await response.arrayBuffer());
      const used = [...entries.values()].reduce((sum, entry) => sum + entry.length, 0);
      if (used + bytes.length > quotaBytes) throw new DOMException("Quota exceeded.", "QuotaExceededError");
      entries.set(String(key), bytes);
    },
    delete: async (key) => entries.delete(String(key)),
    add: unused,
    addAll: unused,
    keys: unused,
    matchAll: unused,
  };
  const open = async (name: string): Promise<Cache> => {
    if (name !== CACHE_NAME) throw new Error(`unknown cache ${name}`);
    return cache;
  };
  return { open, entries };
}
