/** What buffers hold after everything that was handed to the device before the call, one behind the other. Handed over at once, so
 *  that several calls in a row see one state. Throws RangeError "out of memory …"; rejects when the device has gone away. */
export async function readBuffers(device: GPUDevice, buffers: readonly GPUBuffer[]): Promise<Float32Array> {
  const size = buffers.reduce((sum, buffer) => sum + buffer.size, 0);
  // A copy that cannot be made is this call's own trouble, not a complaint about somebody's step.
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  let offset = 0;
  for (const buffer of buffers) {
    encoder.copyBufferToBuffer(buffer, 0, staging, offset, buffer.size);
    offset += buffer.size;
  }
  device.queue.submit([encoder.finish()]);
  const mapped = staging.mapAsync(GPUMapMode.READ);
  const [map, , short] = await Promise.allSettled([mapped, device.popErrorScope(), device.popErrorScope()]);
  try {
    if (short.status === "fulfilled" && short.value)
      throw new RangeError(`out of memory: ${short.value.message}`);
    if (map.status === "rejected") throw map.reason;
    return new Float32Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}
