import { afterAll, beforeAll, expect, test } from "vitest";
import { type DeviceUse, meterDevices } from "../../bench/webgpu/deviceMeter.ts";

let use: () => DeviceUse;
let device: GPUDevice;
const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = GPUComputePassEncoder.prototype;
const { submit } = GPUQueue.prototype;
const { createBuffer } = GPUDevice.prototype;
const { destroy } = GPUBuffer.prototype;
beforeAll(async () => {
  use = meterDevices();
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("there is no adapter");
  device = await adapter.requestDevice();
});
afterAll(() => {
  device.destroy();
  Object.assign(GPUComputePassEncoder.prototype, { dispatchWorkgroups, dispatchWorkgroupsIndirect });
  Object.assign(GPUQueue.prototype, { submit });
  Object.assign(GPUDevice.prototype, { createBuffer });
  Object.assign(GPUBuffer.prototype, { destroy });
});

test("a buffer is held until it is destroyed, once; the most stays known", () => {
  const before = use();
  const make = (size: number) => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
  const [first, second] = [make(1024), make(256)];
  expect(use().heldBytes - before.heldBytes).toBe(1280);
  first.destroy();
  first.destroy();
  expect(use().heldBytes - before.heldBytes).toBe(256);
  second.destroy();
  expect(use().heldBytes).toBe(before.heldBytes);
  expect(use().peakBytes).toBe(before.heldBytes + 1280);
});

test("dispatches of both kinds and submissions are counted, and done", async () => {
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: {
      module: device.createShaderModule({
        code: `@group(0) @binding(0) var<storage, read_write> sum: array<atomic<u32>, 1>;
          @compute @workgroup_size(1) fn main() { atomicAdd(&sum[0], 1); }`,
      }),
    },
  });
  const { STORAGE, COPY_SRC, COPY_DST, INDIRECT, MAP_READ } = GPUBufferUsage;
  const sum = device.createBuffer({ size: 4, usage: STORAGE | COPY_SRC });
  const sizes = device.createBuffer({ size: 12, usage: INDIRECT | COPY_DST });
  const read = device.createBuffer({ size: 4, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(sizes, 0, Uint32Array.of(5, 1, 1));
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: sum } }],
  });
  const before = use();
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(2, 3);
  pass.dispatchWorkgroupsIndirect(sizes, 0);
  pass.end();
  encoder.copyBufferToBuffer(sum, 0, read, 0, 4);
  device.queue.submit([encoder.finish()]);
  const after = use();
  expect(after.dispatches - before.dispatches).toBe(2);
  expect(after.submissions - before.submissions).toBe(1);
  await read.mapAsync(GPUMapMode.READ);
  expect(new Uint32Array(read.getMappedRange())[0]).toBe(2 * 3 + 5);
});
