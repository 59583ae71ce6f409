/** What a WebGPU device complained of while it worked. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly outOfMemory: boolean;
  constructor(error: GPUError) {
    super(error.message);
    this.outOfMemory = typeof GPUOutOfMemoryError !== "undefined" && error instanceof GPUOutOfMemoryError;
  }
}
