import type { KernelCall } from "#gpu/kernel.ts";
import type { GpuCommand, GpuMachine, RowTable } from "#gpu/machine.ts";
import { detourOf } from "./detour.ts";
import { tensorGpu } from "./tensorGpu.ts";

/** A call that is ready: a dispatch of ours, or what runs in its place where its kernel is switched off. */
export type ReadyCall = GpuCommand | ReturnType<typeof detourOf>;

/** Makes a call ready to be recorded, any number of times. */
export const ready = (machine: GpuMachine, call: KernelCall): ReadyCall =>
  machine.runs(call.kernel) ? machine.prepare(call) : detourOf(call);

/** Records calls behind everything that TensorFlow.js has recorded, in order; each sees what those before it have written.
 *  Dispatches that follow each other are one pass. */
export function recordCalls(machine: GpuMachine, calls: readonly ReadyCall[], table?: RowTable): void {
  let pass: GpuCommand[] = [];
  const endPass = (): void => {
    if (pass.length > 0) machine.record(tensorGpu().encoder(), pass, table);
    pass = [];
  };
  for (const call of calls) {
    if (typeof call === "function") {
      endPass();
      call(table);
    } else pass.push(call);
  }
  endPass();
}
