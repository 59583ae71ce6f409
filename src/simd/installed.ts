let module: WebAssembly.Module | null = null;

/** Makes networks that are created from now on run on these kernels where TensorFlow.js computes in WebAssembly; null
 *  leaves them to TensorFlow.js. */
export function installSimd(compiled: WebAssembly.Module | null): void {
  module = compiled;
}

/** The kernels that networks are to run on; null when there are none. */
export const installedSimd = (): WebAssembly.Module | null => module;
