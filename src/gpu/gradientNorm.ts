import { bytesOf, type GpuKernel, type KernelCall, spread } from "./kernel.ts";

const THREADS = 256;
/** Numbers that a workgroup adds up. */
const SHARE = 4096;

/** Sum of every thread's value, in one fixed order. */
const TOTAL = /* wgsl */ `
const THREADS = ${THREADS}u;
var<workgroup> partial: array<f32, THREADS>; // 1 KiB

fn total(value: f32, thread: u32) -> f32 {
  partial[thread] = value;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (thread < half) { partial[thread] += partial[thread + half]; }
    workgroupBarrier();
  }
  return partial[0];
}`;

/** Sums of squares of a gradient, one for each 4096 numbers of it. */
export const SQUARES: GpuKernel = {
  name: "squares",
  bindings: ["read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  count: u32, // numbers of the gradient
  first: u32, // where its sums begin
  shares: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;
${TOTAL}

const SHARE = ${SHARE}u;

// A workgroup owns a share; a thread owns every 256th number of it.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let share = group.x + group.y * groups.x;
  let end = min((share + 1u) * SHARE, params.count);
  var sum = 0.0;
  for (var i = share * SHARE + thread; i < end; i += THREADS) { sum += gradient[i] * gradient[i]; }
  let all = total(sum, thread);
  if (thread == 0u && share < params.shares) { sums[params.first + share] = all; }
}`,
};

/** step[0] = ‖g‖, step[1] = limit/‖g‖ where the gradient is longer than the limit, else 1; a limit of 0 leaves every gradient as it
 *  is. */
export const CLIP: GpuKernel = {
  name: "clip",
  bindings: ["read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  count: u32, // sums of squares
  limit: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> step: array<f32>;
${TOTAL}

// The one workgroup; a thread owns every 256th sum.
@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < params.count; i += THREADS) { sum += sums[i]; }
  let norm = sqrt(total(sum, thread));
  if (thread == 0u) {
    step[0] = norm;
    step[1] = select(1.0, params.limit / norm, params.limit > 0.0 && norm > params.limit);
  }
}`,
};

/** Sums of squares that a gradient of `count` numbers has. */
export const squareSums = (count: number): number => Math.ceil(count / SHARE);

/** Writes the sums of squares of a gradient [count] behind the first `first` ones of `sums`. */
export const squares = (gradient: GPUBuffer, count: number, sums: GPUBuffer, first: number): KernelCall => ({
  kernel: SQUARES,
  buffers: [gradient, sums],
  whole: [count, first, squareSums(count)],
  workgroups: spread(squareSums(count)),
  bytes: bytesOf(count + squareSums(count)),
});

/** Writes ‖g‖ and the factor that clips g to `limit` into the first two numbers of `step`, from all `count` sums of squares. In
 *  float32: a gradient longer than 1.8·10¹⁹ has no finite norm. */
export const clip = (sums: GPUBuffer, count: number, limit: number, step: GPUBuffer): KernelCall => ({
  kernel: CLIP,
  buffers: [sums, step],
  whole: [count],
  real: [limit],
  workgroups: [1],
  bytes: bytesOf(count + 2),
});
