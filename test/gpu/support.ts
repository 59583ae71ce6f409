import { normals } from "#flow/noise.ts";
import { GpuArena } from "#gpu/arena.ts";
import { type KernelCall, vectors } from "#gpu/kernel.ts";
import { GpuMachine } from "#gpu/machine.ts";

/** Normal numbers, the same in every run. */
export const numbers = (seed: number, count: number, scale = 1): Float32Array =>
  normals(seed, 0, count).map((value) => value * scale);

/** The kernels on a device of their own. */
export async function openMachine(): Promise<GpuMachine> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error("the tests of kernels need an adapter");
  return GpuMachine.open(await adapter.requestDevice());
}

/** Rows [rows,columns] with zeros up to the next whole vector. */
export function padded(values: Float32Array, columns: number): Float32Array {
  const width = 4 * vectors(columns);
  const wide = new Float32Array((values.length / columns) * width);
  values.forEach((value, i) => {
    wide[Math.floor(i / columns) * width + (i % columns)] = value;
  });
  return wide;
}

/** What a buffer holds. Resolves when everything recorded before has been done. */
export async function read({ device }: GpuMachine, buffer: GPUBuffer): Promise<Float32Array> {
  const staging = device.createBuffer({
    size: buffer.size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

/** Runs what `write` makes from an arena, and gives what its output then holds. */
export async function run(
  machine: GpuMachine,
  write: (arena: GpuArena) => {
    readonly call: KernelCall | readonly KernelCall[];
    readonly output: GPUBuffer;
    readonly table?: readonly [rows: GPUBuffer, rowOf: GPUBuffer];
  },
): Promise<Float32Array> {
  const arena = new GpuArena(machine.device);
  machine.device.pushErrorScope("validation");
  const { call, output, table } = write(arena);
  const encoder = machine.device.createCommandEncoder();
  const commands = [call].flat().map((one) => machine.prepare(one));
  machine.record(encoder, commands, table && machine.table(...table));
  machine.device.queue.submit([encoder.finish()]);
  const values = await read(machine, output);
  const complaint = await machine.device.popErrorScope();
  if (complaint) throw new Error(complaint.message);
  arena.destroy();
  return values;
}
