// @ts-check
/** Headers that make a page cross-origin isolated, which is what SharedArrayBuffer and thus wasm threads ask for.
 *  The page works without them, on one thread. */
export const ISOLATION_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};
