import type { GpuKernelName } from "./names.ts";

/** A compute kernel. Group 0 holds its uniform block at binding 0 and `bindings` from 1 on; group 1 is the same for all
 *  kernels: a table of rows, and which of them belongs to whom (see `rowTable.ts`). */
export interface GpuKernel {
  readonly name: GpuKernelName;
  readonly wgsl: string;
  readonly bindings: readonly ("read" | "write")[];
}

/** One dispatch of a kernel, whole but for its place in a command encoder. */
export interface KernelCall {
  readonly kernel: GpuKernel;
  /** For `kernel.bindings`, in their order; null where this call leaves one alone, at most one of those it writes. */
  readonly buffers: readonly (GPUBuffer | null)[];
  /** The uniform block: whole numbers first, then real ones, 4 bytes each. */
  readonly whole: readonly number[];
  readonly real?: readonly number[];
  /** Where the uniform block lies when its numbers are new in each call: they count for what is submitted next. Without it,
   *  calls with the same numbers share a block that stays. */
  readonly block?: GPUBuffer;
  readonly workgroups: readonly [x: number, y?: number, z?: number];
  /** Bytes that it reads and writes, each counted once however often it is touched. */
  readonly bytes: number;
}

/** Bytes of `count` numbers. */
export const bytesOf = (count: number): number => count * 4;

/** Vectors of four that hold `count` numbers. Every row of a matrix is made of whole ones, with zeros behind its end. */
export const vectors = (count: number): number => Math.ceil(count / 4);

/** Workgroups along one side of a grid, which a device bounds at 65535. */
export const MOST_GROUPS = 16_384;

/** A grid of at least `groups` workgroups: number x + y·(width of the grid). */
export function spread(groups: number): readonly [x: number, y: number] {
  const across = Math.min(groups, MOST_GROUPS);
  return [across, Math.ceil(groups / across)];
}
