// @ts-check

const FACTORY = /tfjs-backend-wasm-threaded-simd\.js(\?.*)?$/;
const OUTER_VARIABLE = /var _scriptDir = [^\n]*\n\s*if \(typeof __filename [^\n]*\n/;

/** Vite and rolldown plugin that makes tfjs-wasm's threads survive bundling. tfjs 4.22 starts a thread from the text of
 *  its Emscripten factory (`toString`), and that text names `_scriptDir`, a variable outside of the function, behind
 *  a `typeof` guard; a bundler drops the guard and renames the variable, and each thread ends with `e is not defined`.
 *  In a module worker the variable is always undefined, so the word is what we put in its place. Throws when the
 *  file looks different, so that a newer tfjs is looked at before it ships.
 *  @returns {{ name: string, transform: { filter: { id: RegExp }, handler(code: string): { code: string, map: null } } }} */
export function closedWasmFactory() {
  return {
    name: "steadyflow:closed-wasm-factory",
    transform: {
      filter: { id: FACTORY },
      handler(code) {
        if (!OUTER_VARIABLE.test(code)) {
          throw new Error(
            "tfjs-backend-wasm's threaded factory has changed: see scripts/build/closed-wasm-factory.mjs",
          );
        }
        return { code: code.replace(OUTER_VARIABLE, "").replaceAll("_scriptDir", "undefined"), map: null };
      },
    },
  };
}
