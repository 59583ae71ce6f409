import type { GpuFilter } from "./filter.ts";
import { bytesOf, type GpuKernel, type KernelCall, vectors } from "./kernel.ts";

const THREADS = 64;
/** Pixels of a thread. */
const EACH = 4;
/** Input channels between two barriers. */
const DEPTH = 8;

/** Pixels of y that a workgroup owns, [width, height], by how many vectors of output channels it owns: a thread has the same
 *  work in each. The fewer channels a layer has, the more pixels share a load of its weights. */
const TILES = new Map([
  [8, [8, 4]],
  [4, [8, 8]],
  [2, [16, 8]],
  [1, [16, 16]],
] as const);

/** Vectors that the tile of a 3×3 filter takes: x with a margin of a pixel, and the weights. */
const MOST_VECTORS = Math.max(
  ...[...TILES].map(([across, [width, height]]) => DEPTH * (((width + 2) * (height + 2)) / 4 + 9 * across)),
);

/** What is done to x before it meets the filter. */
export const READINGS = { plain: 0, normal: 1, active: 2 } as const;

/** y = conv(read(x)) + b, or kept·y + conv(read(x)) + b; k×k filter, k = 1 or 3, stride 1, zeros around the picture; x
 *  [B,H,W,in] or [B,H/2,W/2,in] with every pixel taken twice in each direction, y [B,H,W,out]. read(x) is x,
 *  v = (x − mean)/√(var + eps)·gamma + beta from the statistics of its groups, or silu(v); the zeros around are zeros of read(x).
 *  Every element is one sum, over blocks of 8 input channels, in each over the filter's lines and columns, and last over the
 *  channels, whatever the batch. */
export const CONVOLUTION: GpuKernel = {
  name: "convolution",
  bindings: ["read", "read", "read", "read", "read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  height: u32,    // of y
  width: u32,
  inputs: u32,    // in/4
  outputs: u32,
  size: u32,      // k
  shift: u32,     // 1 where x is half as high and wide
  reading: u32,
  members: u32,   // channels of a group
  adds: u32,      // 1 where y is added to
  halves: u32,    // 1 where two weights share a word
  across: u32,    // vectors of outputs that a workgroup owns
  tileWidth: u32, // pixels that it owns
  tileHeight: u32,
  scale: f32,     // of the stored weights
  kept: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2<f32>>; // [B,G]: mean, 1/√(var + eps)
@group(0) @binding(3) var<storage, read> factors: array<vec4<f32>>;    // gamma [in], beta [in]
@group(0) @binding(4) var<storage, read> weight: array<vec2<u32>>;     // four halves, or two float32
@group(0) @binding(5) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

const THREADS = ${THREADS}u;
const EACH = ${EACH}u;
const DEPTH = ${DEPTH / 4}u; // vectors of input channels between two barriers
// read(x) with its margin [vector][line][column], then weights [tap][channel][vector of outputs]; ${MOST_VECTORS * 16} bytes
var<workgroup> tile: array<vec4<f32>, ${MOST_VECTORS}>;

/** How the four channels of a vector are normalised. */
struct Norm {
  mean: vec4<f32>,
  factor: vec4<f32>,
  offset: vec4<f32>,
}

fn normOf(image: u32, vector: u32) -> Norm {
  var mean: vec4<f32>;
  var spread: vec4<f32>;
  for (var lane = 0u; lane < 4u; lane++) { // groups need not be whole vectors
    let moments = statistics[(image * 4u * params.inputs + 4u * vector + lane) / params.members];
    mean[lane] = moments.x;
    spread[lane] = moments.y;
  }
  return Norm(mean, spread * factors[vector], factors[params.inputs + vector]);
}

fn weightAt(tap: u32, channel: u32, output: u32) -> vec4<f32> {
  let width = (params.outputs + 3u) / 4u;
  if (channel >= 4u * params.inputs || output >= width) { return vec4(0.0); }
  let at = (tap * 4u * params.inputs + channel) * width + output;
  if (params.halves == 1u) { return vec4(unpack2x16float(weight[at].x), unpack2x16float(weight[at].y)); }
  return vec4(bitcast<vec2<f32>>(weight[2u * at]), bitcast<vec2<f32>>(weight[2u * at + 1u]));
}

// A workgroup owns a tile of pixels and some vectors of outputs; a thread owns 4 pixels of one vector, in lines apart.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let across = params.across;
  let parts = ((params.outputs + 3u) / 4u + across - 1u) / across; // workgroups that share a tile of pixels
  let first = vec2(group.x / parts * params.tileWidth, group.y * params.tileHeight);
  let firstOutput = group.x % parts * across;
  let image = group.z;
  let margin = params.size / 2u;
  let wide = params.tileWidth + 2u * margin;
  let area = wide * (params.tileHeight + 2u * margin);
  let taps = params.size * params.size;
  let lines = THREADS / across / params.tileWidth; // between two pixels of a thread
  let output = thread % across;
  let place = vec2(thread / across % params.tileWidth, thread / across / params.tileWidth); // of its first pixel

  var sums: array<vec4<f32>, EACH>;
  for (var start = 0u; start < params.inputs; start += DEPTH) {
    let vector = start + thread % DEPTH; // the one that this thread reads
    var norm: Norm;
    if (params.reading != ${READINGS.plain}u && vector < params.inputs) { norm = normOf(image, vector); }
    for (var i = thread / DEPTH; i < area; i += THREADS / DEPTH) {
      let at = first + vec2(i % wide, i / wide) - margin; // left of 0 it is huge
      var v = vec4(0.0);
      if (at.x < params.width && at.y < params.height && vector < params.inputs) {
        let line = image * (params.height >> params.shift) + (at.y >> params.shift);
        v = x[(line * (params.width >> params.shift) + (at.x >> params.shift)) * params.inputs + vector];
        if (params.reading != ${READINGS.plain}u) { v = (v - norm.mean) * norm.factor + norm.offset; }
        if (params.reading == ${READINGS.active}u) { v /= 1.0 + exp(min(-v, vec4(80.0))); } // at σ(−80) it is 0 in all but name
      }
      tile[thread % DEPTH * area + i] = v;
    }
    for (var i = thread; i < taps * 4u * DEPTH * across; i += THREADS) {
      let row = i / across;
      tile[DEPTH * area + i] =
        weightAt(row / (4u * DEPTH), 4u * start + row % (4u * DEPTH), firstOutput + i % across);
    }
    workgroupBarrier();
    for (var tap = 0u; tap < taps; tap++) {
      for (var c = 0u; c < DEPTH; c++) {
        let row = DEPTH * area + (tap * 4u * DEPTH + 4u * c) * across + output;
        let w0 = tile[row];
        let w1 = tile[row + across];
        let w2 = tile[row + 2u * across];
        let w3 = tile[row + 3u * across];
        var at = c * area + (place.y + tap / params.size) * wide + place.x + tap % params.size;
        for (var i = 0u; i < EACH; i++) {
          let four = tile[at];
          sums[i] = sums[i] + four.x * w0 + four.y * w1 + four.z * w2 + four.w * w3; // from left to right
          at += lines * wide;
        }
      }
    }
    workgroupBarrier();
  }

  let channel = 4u * (firstOutput + output);
  if (channel >= params.outputs) { return; }
  for (var i = 0u; i < EACH; i++) {
    let at = first + place + vec2(0u, i * lines);
    if (at.x >= params.width || at.y >= params.height) { continue; }
    let v = sums[i] * params.scale + bias[firstOutput + output];
    let to = ((image * params.height + at.y) * params.width + at.x) * params.outputs + channel;
    for (var lane = 0u; lane < min(4u, params.outputs - channel); lane++) {
      y[to + lane] = select(v[lane], params.kept * y[to + lane] + v[lane], params.adds == 1u);
    }
  }
}`,
};

/** A picture's size [images,height,width]. */
export interface PictureSize {
  readonly images: number;
  readonly height: number;
  readonly width: number;
}

/** GroupNorm with what has been computed of x, before a convolution. */
export interface InputNorm {
  /** Of `groupStatistics`. */
  readonly statistics: GPUBuffer;
  /** gamma [in], then beta [in]. */
  readonly factors: GPUBuffer;
  readonly groups: number;
  /** Whether SiLU follows. */
  readonly active: boolean;
}

export interface ConvolutionOptions {
  readonly norm?: InputNorm;
  /** x has half of y's height and width, and every pixel of it is taken twice in each direction. */
  readonly doubled?: boolean;
  /** y = kept·y + … rather than y = … */
  readonly kept?: number;
}

/** y = conv(x) + b; y [B,H,W,out] of the size given, x [B,H,W,in] or half as high and wide, whose channels are padded to whole
 *  vectors. */
export function convolution(
  x: GPUBuffer,
  filter: GpuFilter,
  y: GPUBuffer,
  { images, height, width }: PictureSize,
  { norm, doubled = false, kept }: ConvolutionOptions = {},
): KernelCall {
  const { weight, bias, size, outputs } = filter;
  const inputs = vectors(filter.inputs);
  const parts = vectors(outputs);
  const across = bestAcross(parts);
  const [tileWidth, tileHeight] = TILES.get(across) ?? [0, 0];
  const pixels = images * height * width;
  const read = (doubled ? pixels / 4 : pixels) * 4 * inputs;
  const normBytes = norm ? norm.factors.size + bytesOf(2 * images * norm.groups) : 0;
  return {
    kernel: CONVOLUTION,
    buffers: [x, norm?.statistics ?? null, norm?.factors ?? null, weight, bias, y],
    whole: [
      height,
      width,
      inputs,
      outputs,
      size,
      doubled ? 1 : 0,
      READINGS[readingOf(norm)],
      norm ? filter.inputs / norm.groups : 1,
      kept === undefined ? 0 : 1,
      filter.halves ? 1 : 0,
      across,
      tileWidth,
      tileHeight,
    ],
    real: [filter.scale, kept ?? 0],
    workgroups: [
      Math.ceil(parts / across) * Math.ceil(width / tileWidth),
      Math.ceil(height / tileHeight),
      images,
    ],
    bytes:
      bytesOf(read + (kept === undefined ? 1 : 2) * pixels * outputs) + weight.size + bias.size + normBytes,
  };
}

function readingOf(norm: InputNorm | undefined): keyof typeof READINGS {
  if (norm === undefined) return "plain";
  return norm.active ? "active" : "normal";
}

/** Vectors of outputs that a workgroup is to own: as few as possible beyond the last one, then as many as possible. */
function bestAcross(parts: number): 1 | 2 | 4 | 8 {
  const idle = (across: number): number => Math.ceil(parts / across) * across - parts;
  return ([8, 4, 2, 1] as const).reduce((best, across) => (idle(across) < idle(best) ? across : best));
}
