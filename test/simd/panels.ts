import { wholeLanes, writeTiles } from "#simd/tiles.ts";

/** A matrix [outputs,inputs] as checkpoints store it, in panels of four outputs [⌈outputs/4⌉][width][4] for inputs that come
 *  `width` to a row; 0 where there is nothing. */
export function packPanels(
  values: Float32Array,
  outputs: number,
  inputs: number,
  width = inputs,
): Float32Array {
  const panels = new Float32Array(wholeLanes(outputs) * width);
  writeTiles(values.subarray(0, outputs * inputs), inputs, panels, width);
  return panels;
}
