import { bytesOf, type GpuKernel, type KernelCall, spread } from "./kernel.ts";

const THREADS = 256;

/** A step of AdamW and of the average of a tensor's numbers, in place, with g = clip·gradient:
 *    m ← m + (1 − β1)·(g − m),  v ← v + (1 − β2)·(g² − v),
 *    w ← w − (rate·decay·w + rate/(1 − β1ⁿ) · m / (√v/√(1 − β2ⁿ) + eps)),
 *    average ← average + (1 − averageDecay)·(w − average).
 *  These are the means of `training/adamW.ts` and `training/average.ts`, written by differences: in float32 β and 1 − β do not
 *  add up to 1, and an average of weights that stand still would drift. A GPU may take squares below 1.2·10⁻³⁸
 *  for zero: eps keeps the quotient finite then. */
export const ADAM_W: GpuKernel = {
  name: "adamW",
  bindings: ["write", "read", "write", "write", "write", "read"],
  wgsl: /* wgsl */ `
struct Params { count: u32 }
struct Step {
  norm: f32,
  clip: f32,        // both by the kernel clip
  firstShare: f32,  // 1 − β1
  secondShare: f32, // 1 − β2
  rate: f32,        // rate/(1 − β1ⁿ)
  rootFactor: f32,  // 1/√(1 − β2ⁿ)
  eps: f32,
  shrinking: f32,   // rate·decay
  averageShare: f32, // 1 − averageDecay
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> weights: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> first: array<f32>;
@group(0) @binding(4) var<storage, read_write> second: array<f32>;
@group(0) @binding(5) var<storage, read_write> average: array<f32>;
@group(0) @binding(6) var<storage, read> step: Step;

const THREADS = ${THREADS}u;

// A thread owns a number.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) thread: u32) {
  let i = (group.x + group.y * groups.x) * THREADS + thread;
  if (i >= params.count) { return; }
  let g = step.clip * gradient[i];
  let m = first[i] + step.firstShare * (g - first[i]);
  let v = second[i] + step.secondShare * (g * g - second[i]);
  let w = weights[i] - (step.shrinking * weights[i] + step.rate * m / (sqrt(v) * step.rootFactor + step.eps));
  first[i] = m;
  second[i] = v;
  weights[i] = w;
  average[i] += step.averageShare * (w - average[i]);
}`,
};

/** A step of AdamW and of the average, number n = 1, 2, … */
export interface AdamWStep {
  readonly n: number;
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly averageDecay: number;
}

/** What every number of a step is changed with, as the kernel takes it: behind two places for the gradient's norm and the factor that
 *  clips it, which `clip` writes. */
export const stepNumbers = ({
  n,
  rate,
  beta1,
  beta2,
  eps,
  weightDecay,
  averageDecay,
}: AdamWStep): Float32Array =>
  Float32Array.of(
    0,
    1,
    1 - beta1,
    1 - beta2,
    rate / (1 - beta1 ** n),
    1 / Math.sqrt(1 - beta2 ** n),
    eps,
    rate * weightDecay,
    1 - averageDecay,
  );

/** Memory of a tensor's numbers, all of one length. */
export interface AdamWBuffers {
  readonly weights: GPUBuffer;
  readonly first: GPUBuffer;
  readonly second: GPUBuffer;
  readonly average: GPUBuffer;
}

/** The one call that moves a tensor's `count` numbers by their gradient; `step` holds `stepNumbers`. */
export const adamW = (
  { weights, first, second, average }: AdamWBuffers,
  gradient: GPUBuffer,
  step: GPUBuffer,
  count: number,
): KernelCall => ({
  kernel: ADAM_W,
  buffers: [weights, gradient, first, second, average, step],
  whole: [count],
  workgroups: spread(Math.ceil(count / THREADS)),
  bytes: bytesOf(9 * count), // five are read, four of them written
});
