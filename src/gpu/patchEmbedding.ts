import { bytesOf, type GpuKernel, type KernelCall } from "./kernel.ts";

/** How states and tokens belong together. */
export interface PatchSizes {
  /** Height and width of a state. */
  readonly side: number;
  /** Height and width of a patch. */
  readonly patch: number;
  readonly channels: number;
  readonly D: number;
}

/** y = patch·W + b + position, for every square of p×p pixels; x [images,S,S,C], W [p·p·C,D] with rows ordered (dy, dx,
 *  channel), y [samples·N,D], N = (S/p)². Sample s looks at image s mod images, so that guidance reads each state twice. */
export const PATCH_EMBEDDING: GpuKernel = {
  name: "patchEmbedding",
  bindings: ["read", "read", "read", "read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  rows: u32,
  width: u32, // D/4
  images: u32,
  side: u32,
  patchSide: u32,
  channels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> positions: array<vec4<f32>>; // [N][D/4]
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;

// A thread owns a vector of a token.
@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let column = id.x;
  let row = id.y;
  if (row >= params.rows || column >= params.width) { return; }
  let across = params.side / params.patchSide;
  let token = row % (across * across);
  let image = (row / (across * across)) % params.images;
  let run = params.patchSide * params.channels; // numbers of a patch that lie together
  var sum = vec4(0.0);
  for (var dy = 0u; dy < params.patchSide; dy++) {
    let line = image * params.side + (token / across) * params.patchSide + dy;
    let begin = line * params.side * params.channels + (token % across) * run;
    for (var i = 0u; i < run; i++) { sum += x[begin + i] * weight[(dy * run + i) * params.width + column]; }
  }
  y[row * params.width + column] = sum + bias[column] + positions[token * params.width + column];
}`,
};

/** A patch embedding on the device; W [p·p·C,D], b [D], positions [N,D]. */
export interface PatchWeights {
  readonly weight: GPUBuffer;
  readonly bias: GPUBuffer;
  readonly positions: GPUBuffer;
}

export function patchEmbedding(
  x: GPUBuffer,
  { weight, bias, positions }: PatchWeights,
  y: GPUBuffer,
  { side, patch, channels, D }: PatchSizes,
  { samples, images }: { readonly samples: number; readonly images: number },
): KernelCall {
  const rows = samples * (side / patch) ** 2;
  return {
    kernel: PATCH_EMBEDDING,
    buffers: [x, weight, bias, positions, y],
    whole: [rows, D / 4, images, side, patch, channels],
    workgroups: [Math.ceil(D / 64), Math.ceil(rows / 4)],
    bytes: bytesOf(images * side * side * channels + rows * D) + weight.size + bias.size + positions.size,
  };
}
