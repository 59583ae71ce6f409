/** One named weight on the host, row-major, already widened to f32. */
export interface WeightArray {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Weights of one network under the official checkpoint names. */
export type WeightMap = ReadonlyMap<string, WeightArray>;

/** The names and shapes that a config asks for, in the checkpoint's own (PyTorch) layout. */
export type WeightSpec = ReadonlyMap<string, readonly number[]>;
