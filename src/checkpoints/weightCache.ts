/** Where downloaded weights are kept in the browser's cache storage. */
export const CACHE_NAME = "steadyflow-weights-v1";

const PREFIX = "https://steadyflow.invalid/weights/";

/** Cache keys must be http addresses; this one names the content, so every page and every release shares it, and a
 *  second tab can only ever write the same bytes. `.invalid` is reserved (RFC 2606): nobody can serve it. */
export const cacheKey = (sha256: string): string => `${PREFIX}${sha256}`;

/** The sha256 whose key it is; null for any other address. */
export const sha256OfKey = (key: string): string | null =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
