import { bytesOf, type GpuKernel, type KernelCall, spread } from "./kernel.ts";
import { ROW_TABLE } from "./rowTable.ts";

/** y = (x − mean x) / √(var x + 1e-6) · (1 + scale) + shift over each row, biased variance; x, y [rows,D], shift and scale
 *  from the row of the table that belongs to the sample. */
export const MODULATED_LAYER_NORM: GpuKernel = {
  name: "modulatedLayerNorm",
  bindings: ["read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  rows: u32,
  width: u32,      // D/4
  tokens: u32,     // rows of a sample
  tableWidth: u32, // vectors in a row of the table
  shift: u32,      // where they begin in it, in vectors
  scale: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
${ROW_TABLE}
const THREADS = 64u;
var<workgroup> partial: array<f32, THREADS>; // 256 bytes

/** Sum of every thread's value, in one fixed order. */
fn total(value: f32, thread: u32) -> f32 {
  partial[thread] = value;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}

// A workgroup owns a row; a thread owns every 64th vector of it.
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let row = group.x + group.y * groups.x;
  if (row >= params.rows) { return; }
  let start = row * params.width;
  let count = f32(params.width * 4u);
  var sum = 0.0;
  for (var i = thread; i < params.width; i += THREADS) { sum += dot(x[start + i], vec4(1.0)); }
  let mean = total(sum, thread) / count;
  var squares = 0.0;
  for (var i = thread; i < params.width; i += THREADS) {
    let centred = x[start + i] - mean;
    squares += dot(centred, centred);
  }
  let factor = inverseSqrt(total(squares, thread) / count + 1e-6);
  let modulation = rowOf[row / params.tokens] * params.tableWidth;
  for (var i = thread; i < params.width; i += THREADS) {
    let normal = (x[start + i] - mean) * factor;
    y[start + i] = normal * (1.0 + table[modulation + params.scale + i]) + table[modulation + params.shift + i];
  }
}`,
};

/** Where a sample's modulation lies; numbers, not vectors, all multiples of 4. */
export interface TablePart {
  readonly tableWidth: number;
  /** First number in the row. */
  readonly start: number;
}

/** x, y [rows,D]; `tokens` rows a sample. */
export function modulatedLayerNorm(
  x: GPUBuffer,
  y: GPUBuffer,
  size: { readonly rows: number; readonly tokens: number; readonly D: number },
  shift: TablePart,
  scale: TablePart,
): KernelCall {
  const { rows, tokens, D } = size;
  return {
    kernel: MODULATED_LAYER_NORM,
    buffers: [x, y],
    whole: [rows, D / 4, tokens, shift.tableWidth / 4, shift.start / 4, scale.start / 4],
    workgroups: spread(rows),
    bytes: bytesOf(2 * rows * D + 2 * (rows / tokens) * D),
  };
}
