import { bytesOf, type GpuKernel, type KernelCall, spread } from "./kernel.ts";

/** Mean and 1/√(var + eps) of each group of each image, biased variance over its pixels and channels; x [B,H·W,C], channels
 *  of a group adjacent, result [B,G,2]. What the mean lacks to its last digit is the mean of what it leaves: without it, a group
 *  of equal numbers would be blown up to a noise of ±1. Source: Chan, Golub and LeVeque 1983, eq. 1.7. */
export const GROUP_STATISTICS: GpuKernel = {
  name: "groupStatistics",
  bindings: ["read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  pixels: u32,
  channels: u32,
  groups: u32,
  eps: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> statistics: array<vec2<f32>>;

const THREADS = 256u;
var<workgroup> partial: array<vec2<f32>, THREADS>; // 2 KiB

/** Sums of every thread's values, in one fixed order. */
fn total(value: vec2<f32>, thread: u32) -> vec2<f32> {
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

// A workgroup owns a group of an image; a thread owns every 256th number of it.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let members = params.channels / params.groups;
  let count = params.pixels * members;
  let start = group.y * params.pixels * params.channels + group.x * members;
  var sum = 0.0;
  for (var i = thread; i < count; i += THREADS) { sum += x[start + i / members * params.channels + i % members]; }
  let mean = total(vec2(sum, 0.0), thread).x / f32(count);
  var rest = vec2(0.0); // of what the mean leaves: the sum, and the sum of the squares
  for (var i = thread; i < count; i += THREADS) {
    let centred = x[start + i / members * params.channels + i % members] - mean;
    rest += vec2(centred, centred * centred);
  }
  rest = total(rest, thread) / f32(count);
  let variance = max(rest.y - rest.x * rest.x, 0.0);
  if (thread == 0u) {
    statistics[group.y * params.groups + group.x] = vec2(mean + rest.x, inverseSqrt(variance + params.eps));
  }
}`,
};

/** y = silu((x − mean)/√(var + eps)·gamma + beta) from those statistics; x, y [B,H·W,C], gamma and beta [C]. */
export const GROUP_NORM_SILU: GpuKernel = {
  name: "groupNormSilu",
  bindings: ["read", "read", "read", "read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  count: u32,  // numbers of x
  pixels: u32,
  channels: u32,
  groups: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const THREADS = 256u;

// A thread owns a number.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let i = (group.x + group.y * groups.x) * THREADS + thread;
  if (i >= params.count) { return; }
  let channel = i % params.channels;
  let image = i / (params.channels * params.pixels);
  let moments = statistics[image * params.groups + channel / (params.channels / params.groups)];
  let v = (x[i] - moments.x) * moments.y * gamma[channel] + beta[channel];
  y[i] = v / (1.0 + exp(min(-v, 80.0))); // at σ(−80) it is 0 in all but name
}`,
};

/** x [images,pixels,channels], gamma and beta [channels]; `groups` divides the channels. */
export interface GroupNormSizes {
  readonly images: number;
  readonly pixels: number;
  readonly channels: number;
  readonly groups: number;
}

/** The moments of every group of x into `statistics`, 2 numbers a group and image. */
export const groupStatistics = (
  x: GPUBuffer,
  statistics: GPUBuffer,
  { images, pixels, channels, groups }: GroupNormSizes,
  eps: number,
): KernelCall => ({
  kernel: GROUP_STATISTICS,
  buffers: [x, statistics],
  whole: [pixels, channels, groups],
  real: [eps],
  workgroups: [groups, images],
  bytes: bytesOf(images * (pixels * channels + 2 * groups)),
});

/** The two calls that make y; `statistics` holds 2 numbers a group and image. */
export function groupNormSilu(
  x: GPUBuffer,
  [gamma, beta]: readonly [GPUBuffer, GPUBuffer],
  statistics: GPUBuffer,
  y: GPUBuffer,
  sizes: GroupNormSizes,
  eps: number,
): readonly [KernelCall, KernelCall] {
  const { images, pixels, channels, groups } = sizes;
  const count = images * pixels * channels;
  return [
    groupStatistics(x, statistics, sizes, eps),
    {
      kernel: GROUP_NORM_SILU,
      buffers: [x, statistics, gamma, beta, y],
      whole: [count, pixels, channels, groups],
      workgroups: spread(Math.ceil(count / 256)),
      bytes: bytesOf(2 * count + 2 * channels + 2 * images * groups),
    },
  ];
}
