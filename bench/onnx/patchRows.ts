import type { DiTConfig } from "#models/ditConfig.ts";

/** The pixels [B,H,W,C] of states as the rows [B,N,p·p·C] of patches that the graph of `ditOnnx` takes. */
export function patchRows(config: DiTConfig, x: Float32Array, batch: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(x.length);
  rowIndices(config, batch).forEach((index, at) => {
    rows[index] = x[at];
  });
  return rows;
}

/** The velocities [B,H,W,C] of rows [B,N,p·p·C], which the graph gives. */
export const pixelsOf = (config: DiTConfig, rows: Float32Array, batch: number): Float32Array =>
  Float32Array.from(rowIndices(config, batch), (index) => rows[index]);

/** Index within [B,N,p·p·C], columns ordered (dy, dx, channel), of every number of [B,H,W,C]. */
function rowIndices(
  { input_size: side, patch_size: p, in_channels: channels }: DiTConfig,
  batch: number,
): Int32Array {
  const grid = side / p;
  const indices = new Int32Array(batch * side * side * channels);
  let at = 0;
  for (let sample = 0; sample < batch; sample++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const token = sample * grid * grid + Math.floor(y / p) * grid + Math.floor(x / p);
        const column = ((y % p) * p + (x % p)) * channels;
        for (let channel = 0; channel < channels; channel++)
          indices[at++] = token * p * p * channels + column + channel;
      }
    }
  }
  return indices;
}
