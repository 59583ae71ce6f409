import { bytesOf, type GpuKernel, type KernelCall, vectors } from "./kernel.ts";
import type { GpuLayer } from "./layer.ts";
import type { TablePart } from "./modulatedLayerNorm.ts";
import { ROW_TABLE } from "./rowTable.ts";

const TILE = 32;

/** What becomes of a product's element v before it is stored. */
export const ENDINGS = { plain: 0, gelu: 1, gated: 2, added: 3 } as const;
type Ending = keyof typeof ENDINGS;

/** y = ending(x·W·scale + b); x [rows,in], W [in,out], y [rows,out] in a buffer that may be wider. Every element is one sum
 *  over k = 0 … in−1 in that order, whatever the rows beside it: no split along k, no atomics, one tile size. */
export const LINEAR: GpuKernel = {
  name: "linear",
  bindings: ["read", "read", "read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  rows: u32,
  inputs: u32,     // in/4
  outputs: u32,    // out/4
  width: u32,      // vectors in a row of y
  first: u32,      // where the outputs begin in it
  ending: u32,
  tokens: u32,     // rows that share a row of the table
  tableWidth: u32, // vectors in a row of the table
  part: u32,       // where the outputs' counterpart begins in it
  halves: u32,     // 1 where two weights share a word
  scale: f32,      // of the stored weights
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weight: array<vec2<u32>>; // four halves, or two float32
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
${ROW_TABLE}
const TILE = ${TILE}u;    // rows and columns of y that a workgroup owns, and steps along k between two barriers
const ACROSS = TILE / 4u; // vectors in a row of a tile
var<workgroup> xTile: array<vec4<f32>, TILE * ACROSS>; // [row][k/4], 4 KiB
var<workgroup> wTile: array<vec4<f32>, TILE * ACROSS>; // [k][column/4], 4 KiB

fn xAt(row: u32, k: u32) -> vec4<f32> {
  if (row >= params.rows || k >= params.inputs) { return vec4(0.0); }
  return x[row * params.inputs + k];
}

fn weightAt(k: u32, column: u32) -> vec4<f32> {
  if (k >= 4u * params.inputs || column >= params.outputs) { return vec4(0.0); }
  let at = k * params.outputs + column;
  if (params.halves == 1u) { return vec4(unpack2x16float(weight[at].x), unpack2x16float(weight[at].y)); }
  return vec4(bitcast<vec2<f32>>(weight[2u * at]), bitcast<vec2<f32>>(weight[2u * at + 1u]));
}

fn store(row: u32, column: u32, sum: vec4<f32>) {
  if (row >= params.rows || column >= params.outputs) { return; }
  let at = row * params.width + params.first + column;
  var v = sum * params.scale + bias[column];
  if (params.ending == ${ENDINGS.gelu}u) { // v·σ(2u), u = √(2/π)(v + 0.044715 v³); at σ(−80) it is 0 in all but name
    let twiceU = v * (v * v * ${Math.sqrt(8 / Math.PI) * 0.044715} + ${Math.sqrt(8 / Math.PI)});
    v /= 1.0 + exp(min(-twiceU, vec4(80.0)));
  } else if (params.ending != ${ENDINGS.plain}u) {
    let other = table[rowOf[row / params.tokens] * params.tableWidth + params.part + column];
    if (params.ending == ${ENDINGS.gated}u) { v = y[at] + other * v; } else { v += other; }
  }
  y[at] = v;
}

// A workgroup owns 32×32 elements of y; a thread owns 4 rows of one vector.
@compute @workgroup_size(ACROSS, ACROSS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) thread: vec3<u32>) {
  let firstRow = group.y * TILE;
  let column = group.x * ACROSS + thread.x;
  var sums: array<vec4<f32>, 4>;
  for (var k = 0u; k < params.inputs; k += ACROSS) { // in vectors
    for (var i = thread.y; i < TILE; i += ACROSS) {
      xTile[i * ACROSS + thread.x] = xAt(firstRow + i, k + thread.x);
      wTile[i * ACROSS + thread.x] = weightAt(4u * k + i, column);
    }
    workgroupBarrier();
    for (var i = 0u; i < ACROSS; i++) {
      let w0 = wTile[(4u * i) * ACROSS + thread.x];
      let w1 = wTile[(4u * i + 1u) * ACROSS + thread.x];
      let w2 = wTile[(4u * i + 2u) * ACROSS + thread.x];
      let w3 = wTile[(4u * i + 3u) * ACROSS + thread.x];
      for (var r = 0u; r < 4u; r++) {
        let four = xTile[(4u * thread.y + r) * ACROSS + i];
        sums[r] = sums[r] + four.x * w0 + four.y * w1 + four.z * w2 + four.w * w3; // from left to right
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) { store(firstRow + 4u * thread.y + r, column, sums[r]); }
}`,
};

/** Where a product goes when its rows are part of wider ones; in numbers. */
export interface Place {
  readonly width: number;
  readonly start: number;
}

/** y = x·W + b; x [rows,in], y [rows,out], or `place` of its rows. Rows are padded to whole vectors. */
export function linear(
  x: GPUBuffer,
  layer: GpuLayer,
  y: GPUBuffer,
  rows: number,
  place: Place = { width: layer.outputs, start: 0 },
): KernelCall {
  return product("plain", x, layer, y, rows, place);
}

/** y = gelu(x·W + b) */
export const linearGelu = (x: GPUBuffer, layer: GpuLayer, y: GPUBuffer, rows: number): KernelCall =>
  product("gelu", x, layer, y, rows, { width: layer.outputs, start: 0 });

/** y = y + gate·(x·W + b), gate from the row of the table that belongs to the sample; `tokens` rows a sample. */
export function linearGated(
  x: GPUBuffer,
  layer: GpuLayer,
  y: GPUBuffer,
  size: { readonly rows: number; readonly tokens: number },
  gate: TablePart,
): KernelCall {
  const place = { width: layer.outputs, start: 0 };
  return product("gated", x, layer, y, size.rows, place, { ...gate, tokens: size.tokens });
}

/** y = x·W + b + the row of the table that belongs to each row of x. */
export function linearAdded(x: GPUBuffer, layer: GpuLayer, y: GPUBuffer, rows: number): KernelCall {
  const tableWidth = 4 * vectors(layer.outputs);
  const place = { width: layer.outputs, start: 0 };
  return product("added", x, layer, y, rows, place, { tableWidth, start: 0, tokens: 1 });
}

function product(
  ending: Ending,
  x: GPUBuffer,
  layer: GpuLayer,
  y: GPUBuffer,
  rows: number,
  place: Place,
  table: TablePart & { readonly tokens: number } = { tableWidth: 0, start: 0, tokens: 1 },
): KernelCall {
  const [inputs, outputs] = [vectors(layer.inputs), vectors(layer.outputs)];
  const tableRows = table.tableWidth === 0 ? 0 : rows / table.tokens;
  const stores = ending === "gated" ? 2 : 1; // it reads what it adds to
  return {
    kernel: LINEAR,
    buffers: [x, layer.weight, layer.bias, y],
    whole: [
      rows,
      inputs,
      outputs,
      vectors(place.width),
      place.start / 4,
      ENDINGS[ending],
      table.tokens,
      table.tableWidth / 4,
      table.start / 4,
      layer.halves ? 1 : 0,
    ],
    real: [layer.scale],
    workgroups: [Math.ceil((4 * outputs) / TILE), Math.ceil(rows / TILE)],
    bytes: bytesOf(4 * (rows * inputs + (stores * rows + tableRows + 1) * outputs)) + layer.weight.size,
  };
}
