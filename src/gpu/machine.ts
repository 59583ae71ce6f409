import { ADAM_W } from "./adamW.ts";
import { ATTENTION } from "./attention.ts";
import { CONVOLUTION } from "./convolution.ts";
import { FINAL_LAYER } from "./finalLayer.ts";
import { CLIP, SQUARES } from "./gradientNorm.ts";
import { GROUP_NORM_SILU, GROUP_STATISTICS } from "./groupNormSilu.ts";
import type { GpuKernel, KernelCall } from "./kernel.ts";
import { LINEAR } from "./linear.ts";
import { MODULATED_LAYER_NORM } from "./modulatedLayerNorm.ts";
import type { GpuKernelName } from "./names.ts";
import { PATCH_EMBEDDING } from "./patchEmbedding.ts";
import { SILU } from "./silu.ts";

const KERNELS: readonly GpuKernel[] = [
  LINEAR,
  MODULATED_LAYER_NORM,
  ATTENTION,
  SILU,
  PATCH_EMBEDDING,
  FINAL_LAYER,
  GROUP_STATISTICS,
  GROUP_NORM_SILU,
  CONVOLUTION,
  SQUARES,
  CLIP,
  ADAM_W,
];

/** What opening a machine may be told. */
export interface MachineOptions {
  /** Kernels that are not to run. They are not compiled either, since that may be what fails. */
  readonly off?: readonly GpuKernelName[];
  /** Told at the start, and whenever one more kernel is compiled. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** A dispatch that needs nothing more but its place in a pass. */
export interface GpuCommand {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: readonly [x: number, y?: number, z?: number];
  readonly bytes: number;
}

/** A table of rows as kernels see it, and its memory. */
export interface RowTable {
  readonly group: GPUBindGroup;
  readonly rows: GPUBuffer;
  readonly rowOf: GPUBuffer;
}

/** What a machine has recorded so far. */
export interface GpuCounts {
  readonly dispatches: number;
  /** Bytes that kernels read and wrote, each counted once a dispatch. */
  readonly bytes: number;
}

/** The kernels on a device, compiled. It owns no memory but its uniform blocks, and ends with its device. */
export class GpuMachine {
  private readonly uniforms = new Map<string, GPUBuffer>();
  private recorded: GpuCounts = { dispatches: 0, bytes: 0 };

  private constructor(
    readonly device: GPUDevice,
    private readonly pipelines: ReadonlyMap<GpuKernel, GPUComputePipeline>,
    private readonly tableLayout: GPUBindGroupLayout,
    private readonly noTable: GPUBindGroup,
    /** For bindings that a call leaves alone: one to read, one to write. */
    private readonly unused: Readonly<Record<"read" | "write", GPUBuffer>>,
  ) {}

  /** Compiles every kernel, so that no step waits for one. Rejects when the device refuses one of them. */
  static async open(device: GPUDevice, { off = [], onProgress }: MachineOptions = {}): Promise<GpuMachine> {
    const storage = (binding: number, type: GPUBufferBindingType): GPUBindGroupLayoutEntry => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    });
    const tableLayout = device.createBindGroupLayout({
      entries: [storage(0, "read-only-storage"), storage(1, "read-only-storage")],
    });
    const wanted = KERNELS.filter(({ name }) => !off.includes(name));
    let done = 0;
    onProgress?.(done, wanted.length);
    const compiled = wanted.map(async (kernel) => {
      const own = kernel.bindings.map((access, i) =>
        storage(i + 1, access === "read" ? "read-only-storage" : "storage"),
      );
      const layout = device.createBindGroupLayout({ entries: [storage(0, "uniform"), ...own] });
      const pipeline = await device.createComputePipelineAsync({
        label: kernel.name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout, tableLayout] }),
        compute: { module: device.createShaderModule({ label: kernel.name, code: kernel.wgsl }) },
      });
      onProgress?.(++done, wanted.length);
      return [kernel, pipeline] as const;
    });
    const pipelines = new Map(await Promise.all(compiled));
    const empty = () => device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
    const unused = { read: empty(), write: empty() };
    const noTable = bind(device, tableLayout, [unused.read, unused.read]);
    return new GpuMachine(device, pipelines, tableLayout, noTable, unused);
  }

  /** Whether the kernel is not switched off. */
  runs(kernel: GpuKernel): boolean {
    return this.pipelines.has(kernel);
  }

  /** Makes a call ready to be recorded, any number of times. */
  prepare({ kernel, buffers, whole, real = [], block, workgroups, bytes }: KernelCall): GpuCommand {
    const pipeline = this.pipelines.get(kernel);
    if (pipeline === undefined) throw new Error(`${kernel.name} is not among the kernels that run`);
    const numbers = uniformBlock(whole, real);
    if (block) this.device.queue.writeBuffer(block, 0, numbers);
    const own = buffers.map((buffer, i) => buffer ?? this.unused[kernel.bindings[i]]);
    const all = [block ?? this.uniform(numbers), ...own];
    return { pipeline, group: bind(this.device, pipeline.getBindGroupLayout(0), all), workgroups, bytes };
  }

  /** A table whose rows kernels take: row `rowOf[i]` for sample i. */
  table(rows: GPUBuffer, rowOf: GPUBuffer): RowTable {
    return { rows, rowOf, group: bind(this.device, this.tableLayout, [rows, rowOf]) };
  }

  /** Records the commands as one pass, in order; each sees what those before it have written. */
  record(encoder: GPUCommandEncoder, commands: readonly GpuCommand[], table?: RowTable): void {
    const pass = encoder.beginComputePass();
    pass.setBindGroup(1, table?.group ?? this.noTable);
    let { dispatches, bytes } = this.recorded;
    for (const command of commands) {
      pass.setPipeline(command.pipeline);
      pass.setBindGroup(0, command.group);
      pass.dispatchWorkgroups(...command.workgroups);
      dispatches += 1;
      bytes += command.bytes;
    }
    pass.end();
    this.recorded = { dispatches, bytes };
  }

  get counts(): GpuCounts {
    return this.recorded;
  }

  /** Uniform blocks never change, and many calls have the same: a network has a few dozen. */
  private uniform(bytes: ArrayBuffer): GPUBuffer {
    const key = new Uint32Array(bytes).join();
    const known = this.uniforms.get(key);
    if (known) return known;
    const buffer = this.device.createBuffer({
      size: bytes.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.device.queue.writeBuffer(buffer, 0, bytes);
    this.uniforms.set(key, buffer);
    return buffer;
  }
}

/** The numbers of a uniform block as they lie in memory, in whole vectors. */
function uniformBlock(whole: readonly number[], real: readonly number[]): ArrayBuffer {
  const bytes = new ArrayBuffer(Math.ceil((whole.length + real.length) / 4) * 16);
  new Uint32Array(bytes).set(whole);
  new Float32Array(bytes).set(real, whole.length);
  return bytes;
}

const bind = (device: GPUDevice, layout: GPUBindGroupLayout, buffers: readonly GPUBuffer[]): GPUBindGroup =>
  device.createBindGroup({
    layout,
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
