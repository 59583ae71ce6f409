/** What whoever computes on WebGPU in this page has asked of it since the page was opened. */
export interface DeviceUse {
  readonly dispatches: number;
  readonly submissions: number;
  /** Of buffers that have been made and not destroyed. One that is merely forgotten counts on: when its memory comes back
   *  is the browser's affair. */
  readonly heldBytes: number;
  /** The most that were held at a time. */
  readonly peakBytes: number;
}

/** Counts by wrapping the methods of WebGPU itself, so that it counts everybody alike. To be called once, before anybody
 *  asks for a device. */
export function meterDevices(): () => DeviceUse {
  let use: DeviceUse = { dispatches: 0, submissions: 0, heldBytes: 0, peakBytes: 0 };
  const held = new WeakMap<GPUBuffer, number>();
  const hold = (bytes: number): void => {
    const heldBytes = use.heldBytes + bytes;
    use = { ...use, heldBytes, peakBytes: Math.max(use.peakBytes, heldBytes) };
  };
  const dispatched = (): void => {
    use = { ...use, dispatches: use.dispatches + 1 };
  };
  const passes = GPUComputePassEncoder.prototype;
  passes.dispatchWorkgroups = after(passes.dispatchWorkgroups, dispatched);
  passes.dispatchWorkgroupsIndirect = after(passes.dispatchWorkgroupsIndirect, dispatched);
  GPUQueue.prototype.submit = after(GPUQueue.prototype.submit, () => {
    use = { ...use, submissions: use.submissions + 1 };
  });
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    held.set(buffer, buffer.size);
    hold(buffer.size);
    return buffer;
  };
  const { destroy } = GPUBuffer.prototype;
  GPUBuffer.prototype.destroy = function () {
    hold(-(held.get(this) ?? 0));
    held.delete(this);
    destroy.call(this);
  };
  return () => use;
}

/** A method that also tells of its calls. */
function after<This, Given extends unknown[], Result>(
  method: (this: This, ...given: Given) => Result,
  tell: () => void,
): (this: This, ...given: Given) => Result {
  return function (...given) {
    tell();
    return method.apply(this, given);
  };
}
