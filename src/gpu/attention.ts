import { bytesOf, type GpuKernel, type KernelCall } from "./kernel.ts";

/** A workgroup's memory, of which a device promises 16 KiB, bounds both. */
export const MOST_TOKENS = 256;
export const MOST_CHANNELS = 128;
const QUERIES = 4;

/** softmax(q·kᵀ/√d)·v for every head; qkv [B·N,3·H·d] with columns ordered (q|k|v, head, channel), y [B·N,H·d] with columns
 *  (head, channel). N ≤ 256, d ≤ 128 and a multiple of 4. */
export const ATTENTION: GpuKernel = {
  name: "attention",
  bindings: ["read", "write"],
  wgsl: /* wgsl */ `
struct Params {
  tokens: u32,
  heads: u32,
  channels: u32, // d/4
  scale: f32,    // 1/√d
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

const THREADS = 64u;
const QUERIES = ${QUERIES}u;
const LANES = THREADS / QUERIES; // threads that share the softmax of a query
var<workgroup> queries: array<vec4<f32>, ${(QUERIES * MOST_CHANNELS) / 4}>; // [query][channel/4], 2 KiB
var<workgroup> weights: array<f32, ${QUERIES * MOST_TOKENS}>; // [key][query], 4 KiB
var<workgroup> partial: array<f32, THREADS>; // [query][lane], 256 bytes

// A workgroup owns 4 queries of one head of one sample.
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let d = params.channels;
  let width = params.heads * d;
  let first = group.x * QUERIES;
  let start = group.z * params.tokens * 3u * width + group.y * d; // of the sample's first query in this head

  for (var i = thread; i < QUERIES * d; i += THREADS) {
    let token = min(first + i / d, params.tokens - 1u); // queries behind the last one repeat it, and are not stored
    queries[i] = qkv[start + token * 3u * width + i % d];
  }
  workgroupBarrier();

  // A thread owns every 64th key, which it multiplies with all queries.
  for (var key = thread; key < params.tokens; key += THREADS) {
    let keyAt = start + key * 3u * width + width;
    var scores = vec4(0.0);
    for (var c = 0u; c < d; c++) {
      let k = qkv[keyAt + c];
      scores += vec4(
        dot(queries[c], k), dot(queries[d + c], k), dot(queries[2u * d + c], k), dot(queries[3u * d + c], k));
    }
    for (var q = 0u; q < QUERIES; q++) { weights[key * QUERIES + q] = scores[q] * params.scale; }
  }
  workgroupBarrier();

  // Softmax: a thread owns every 16th key of one query; the division comes last.
  let query = thread / LANES;
  let lane = thread % LANES;
  var largest = -3.4e38;
  for (var key = lane; key < params.tokens; key += LANES) { largest = max(largest, weights[key * QUERIES + query]); }
  partial[thread] = largest;
  workgroupBarrier();
  for (var i = 0u; i < LANES; i++) { largest = max(largest, partial[query * LANES + i]); }
  workgroupBarrier();
  var sum = 0.0;
  for (var key = lane; key < params.tokens; key += LANES) {
    let weight = exp(weights[key * QUERIES + query] - largest);
    weights[key * QUERIES + query] = weight;
    sum += weight;
  }
  partial[thread] = sum;
  workgroupBarrier();

  // A thread owns vectors of the result.
  for (var i = thread; i < QUERIES * d; i += THREADS) {
    let q = i / d;
    if (first + q >= params.tokens) { break; }
    var all = 0.0;
    for (var l = 0u; l < LANES; l++) { all += partial[q * LANES + l]; }
    var mixed = vec4(0.0);
    for (var key = 0u; key < params.tokens; key++) {
      mixed += weights[key * QUERIES + q] * qkv[start + key * 3u * width + 2u * width + i % d];
    }
    y[(group.z * params.tokens + first + q) * width + group.y * d + i % d] = mixed / all;
  }
}`,
};

/** qkv [B·N,3·H·d], y [B·N,H·d]. */
export function attention(
  qkv: GPUBuffer,
  y: GPUBuffer,
  size: { readonly samples: number; readonly tokens: number; readonly D: number; readonly heads: number },
): KernelCall {
  const { samples, tokens, D, heads } = size;
  const d = D / heads;
  return {
    kernel: ATTENTION,
    buffers: [qkv, y],
    whole: [tokens, heads, d / 4],
    real: [1 / Math.sqrt(d)],
    workgroups: [Math.ceil(tokens / QUERIES), heads, samples],
    bytes: bytesOf(4 * samples * tokens * D),
  };
}
