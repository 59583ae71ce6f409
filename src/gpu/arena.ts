/** Buffers of a device that are let go together. */
export class GpuArena {
  private readonly buffers: GPUBuffer[] = [];

  constructor(private readonly device: GPUDevice) {}

  /** A buffer of zeros for `count` numbers of 4 bytes; at least one vector. Memory that is not there is told by the device
   *  later, as an uncaptured error. */
  reserve(count: number): GPUBuffer {
    return this.make(count, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
  }

  /** A buffer for a uniform block of `count` numbers. */
  block(count: number): GPUBuffer {
    return this.make(count, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  }

  /** A buffer with these numbers. */
  place(values: Float32Array | Uint32Array): GPUBuffer {
    const buffer = this.reserve(values.length);
    this.device.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength);
    return buffer;
  }

  private make(count: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, Math.ceil(count / 4) * 16);
    const buffer = this.device.createBuffer({ label: GpuArena.name, size, usage });
    this.buffers.push(buffer);
    return buffer;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.buffers.reduce((sum, { size }) => sum + size, 0);
  }

  /** Lets all go; commands that use them have been submitted. */
  destroy(): void {
    for (const buffer of this.buffers.splice(0)) buffer.destroy();
  }
}
