import { bytesOf, type GpuKernel, type KernelCall } from "./kernel.ts";

/** x = x·σ(x), in place. From σ(−80) on, x·σ is 0 in all but name. */
export const SILU: GpuKernel = {
  name: "silu",
  bindings: ["write"],
  wgsl: /* wgsl */ `
struct Params { vectors: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;

// A thread owns a vector.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= params.vectors) { return; }
  let v = x[id.x];
  x[id.x] = v / (1.0 + exp(min(-v, vec4(80.0))));
}`,
};

/** Of `count` numbers, a multiple of 4. */
export const silu = (x: GPUBuffer, count: number): KernelCall => ({
  kernel: SILU,
  buffers: [x],
  whole: [count / 4],
  workgroups: [Math.ceil(count / 256)],
  bytes: bytesOf(2 * count),
});
