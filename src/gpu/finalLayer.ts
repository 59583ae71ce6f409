import { bytesOf, type GpuKernel, type KernelCall } from "./kernel.ts";
import type { PatchSizes } from "./patchEmbedding.ts";

/** v = x·W + b laid out as pixels: x [samples·N,D] normalised tokens, W [p·p·Cout,D] with rows ordered (dy, dx, channel),
 *  v [images,S,S,C], C ≤ Cout (a learned variance is left aside). With guidance there are twice as many samples as images, the
 *  conditional ones first, and v = v_u + w (v_c − v_u).
 *  Where a state is asked for, next = base + factor·v is written beside it; all three of one shape. */
export const FINAL_LAYER: GpuKernel = {
  name: "finalLayer",
  bindings: ["read", "read", "read", "read", "write", "write"],
  wgsl: /* wgsl */ `
struct Params {
  count: u32,       // numbers of v
  width: u32,       // D/4
  side: u32,
  patchSide: u32,
  channels: u32,    // C
  allChannels: u32, // Cout
  second: u32,      // rows of x before the unconditional ones; 0 without guidance
  moves: u32,       // 1 where a state is asked for
  guidance: f32,    // w
  factor: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weight: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> base: array<f32>;
@group(0) @binding(5) var<storage, read_write> velocity: array<f32>;
@group(0) @binding(6) var<storage, read_write> next: array<f32>;

fn product(row: u32, output: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < params.width; i++) { sum += dot(x[row * params.width + i], weight[output * params.width + i]); }
  return sum + bias[output];
}

// A thread owns a channel of a pixel.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.count) { return; }
  let channel = id.x % params.channels;
  let pixel = id.x / params.channels;
  let column = pixel % params.side;
  let line = pixel / params.side; // of all images
  let p = params.patchSide;
  let row = (line / p) * (params.side / p) + column / p; // images have whole patches, so their lines need no telling apart
  let output = ((line % p) * p + column % p) * params.allChannels + channel;
  var v = product(row, output);
  if (params.second != 0u) {
    let unconditional = product(row + params.second, output);
    v = unconditional + params.guidance * (v - unconditional);
  }
  velocity[id.x] = v;
  if (params.moves == 1u) { next[id.x] = base[id.x] + params.factor * v; }
}`,
};

/** The last linear layer; W [p·p·Cout,D], b [p·p·Cout]. */
export interface FinalWeights {
  readonly weight: GPUBuffer;
  readonly bias: GPUBuffer;
}

/** next = base + factor·v, for which `next` is written; all of v's shape. */
export interface Move {
  readonly base: GPUBuffer;
  readonly next: GPUBuffer;
  readonly factor: number;
  /** Where the call's numbers go, since a factor comes once: `MOVE_NUMBERS` of them. */
  readonly block: GPUBuffer;
}
export const MOVE_NUMBERS = 10;

/** `channels` of the velocity's `allChannels` are written. `guidance` null: samples are images; else they are twice as many.
 *  `move` null: the velocity alone. */
export function finalLayer(
  x: GPUBuffer,
  { weight, bias }: FinalWeights,
  velocity: GPUBuffer,
  { side, patch, channels, D, allChannels }: PatchSizes & { readonly allChannels: number },
  { images, guidance }: { readonly images: number; readonly guidance: number | null },
  move: Move | null = null,
): KernelCall {
  const count = images * side * side * channels;
  const rows = images * (side / patch) ** 2;
  const second = guidance === null ? 0 : rows;
  return {
    kernel: FINAL_LAYER,
    buffers: [x, weight, bias, move?.base ?? null, velocity, move?.next ?? null],
    whole: [count, D / 4, side, patch, channels, allChannels, second, move ? 1 : 0],
    real: [guidance ?? 1, move?.factor ?? 0],
    ...(move && { block: move.block }),
    workgroups: [Math.ceil(count / 64)],
    bytes: bytesOf((rows + second) * D + (move ? 3 : 1) * count) + weight.size + bias.size,
  };
}
