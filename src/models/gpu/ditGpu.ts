import { GpuArena } from "#gpu/arena.ts";
import { attention, MOST_CHANNELS, MOST_TOKENS } from "#gpu/attention.ts";
import { finalLayer, MOVE_NUMBERS, type Move } from "#gpu/finalLayer.ts";
import { bytesOf, vectors } from "#gpu/kernel.ts";
import { linear, linearAdded, linearGated, linearGelu } from "#gpu/linear.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { modulatedLayerNorm } from "#gpu/modulatedLayerNorm.ts";
import { patchEmbedding } from "#gpu/patchEmbedding.ts";
import { silu } from "#gpu/silu.ts";
import { ditTimeFeatures } from "#kernels/timeFeatures.ts";
import type { Conditioning } from "../conditionedTrajectory.ts";
import { type DiTConfig, ditSizes, TIME_FEATURES } from "../ditConfig.ts";
import { type ReadyCall, ready, recordCalls } from "./commands.ts";
import type { DiTGpuWeights } from "./ditGpuWeights.ts";

/** Modulations of some conditionings [rows,(6·depth + 2)·D] on the device; the caller destroys them. */
export interface ModulationRows {
  readonly buffer: GPUBuffer;
  destroy(): void;
}

/** One evaluation. */
export interface Evaluation {
  /** States [images,H,W,C]. */
  readonly x: GPUBuffer;
  /** Velocities of the same shape. */
  readonly velocity: GPUBuffer;
  readonly modulations: ModulationRows;
  /** The row of each sample. With guidance there are twice as many samples as images, the conditional ones first. */
  readonly rowOfSample: readonly number[];
  /** w, or null for one pass without guidance. */
  readonly guidance: number | null;
  /** The state that is asked for beside the velocities, of their shape; null for none. */
  readonly move: Omit<Move, "block"> | null;
}

/** Told of tokens [B·N,D] on the way, under the names of the golden vectors; what it copies is copied at that point. */
export type BufferTap = (name: string, tokens: GPUBuffer) => void;

/** Whether the kernels can run a DiT. */
export function gpuRuns(config: DiTConfig): boolean {
  const { hidden_size: D, num_heads: heads } = config;
  return D % (4 * heads) === 0 && D / heads <= MOST_CHANNELS && ditSizes(config).tokens <= MOST_TOKENS;
}

/** Memory and commands for a number of samples side by side. */
interface Plan {
  readonly samples: number;
  readonly arena: GpuArena;
  readonly tokens: GPUBuffer;
  readonly normal: GPUBuffer;
  readonly rowOf: GPUBuffer;
  /** Numbers of the last kernel's call where it writes a state. */
  readonly moveBlock: GPUBuffer;
  readonly blocks: readonly (readonly ReadyCall[])[];
  readonly finalNorm: ReadyCall;
}

/** A DiT on our own WebGPU kernels: the same formula as `ditVelocity` in 7·depth + 3 dispatches. It records behind
 *  what TensorFlow.js has recorded; the caller submits. */
export class DiTGpu {
  /** For the number of samples that came last: batches of a job are alike. */
  private plan: Plan | null = null;

  /** Of a config of which `gpuRuns`, with its weights in `arena`, which is the network's from now on. */
  constructor(
    private readonly config: DiTConfig,
    private readonly machine: GpuMachine,
    private readonly arena: GpuArena,
    private readonly weights: DiTGpuWeights,
  ) {}

  /** Lets its memory go. */
  dispose(): void {
    this.arena.destroy();
    this.plan?.arena.destroy();
    this.plan = null;
  }

  /** Bytes of a row of modulations. */
  get rowBytes(): number {
    return bytesOf(this.rowWidth);
  }

  private get rowWidth(): number {
    return (6 * this.config.depth + 2) * this.config.hidden_size;
  }

  /** Records the computation of one row for each conditioning, and of the conditionings c themselves [rows,D] if they are
   *  asked for. `scratch` is to be destroyed after the commands have been submitted. */
  recordModulations(
    conditionings: readonly Conditioning[],
    scratch: GpuArena,
    tap?: BufferTap,
  ): ModulationRows {
    const { machine, weights } = this;
    const { hidden_size: D } = this.config;
    const rows = conditionings.length;
    const kept = new GpuArena(machine.device);
    const buffer = kept.reserve(rows * this.rowWidth);
    const times = conditionings.map(({ time }) => time);
    const features = scratch.place(ditTimeFeatures(times, TIME_FEATURES));
    const labelOf = scratch.place(Uint32Array.from(conditionings, ({ label }) => label));
    const [hidden, c] = [scratch.reserve(rows * D), scratch.reserve(rows * D)];
    const embedding = [
      linear(features, weights.time[0], hidden, rows),
      silu(hidden, rows * D),
      linearAdded(hidden, weights.time[1], c, rows), // c = t_emb + y_emb
    ].map((call) => ready(machine, call));
    recordCalls(machine, embedding, machine.table(weights.labels, labelOf));
    tap?.("conditioning", c);
    const place = (start: number) => ({ width: this.rowWidth, start });
    const products = weights.modulation.map(({ layer, start }) =>
      linear(c, layer, buffer, rows, place(start)),
    );
    recordCalls(
      machine,
      [silu(c, rows * D), ...products].map((call) => ready(machine, call)),
    );
    return { buffer, destroy: () => kept.destroy() };
  }

  /** Records one evaluation. */
  record(evaluation: Evaluation, tap?: BufferTap): void {
    const { machine, weights, config } = this;
    const { x, velocity, modulations, rowOfSample, guidance, move } = evaluation;
    const samples = rowOfSample.length;
    const images = guidance === null ? samples : samples / 2;
    const plan = this.planFor(samples);
    machine.device.queue.writeBuffer(plan.rowOf, 0, Uint32Array.from(rowOfSample));
    const table = machine.table(modulations.buffer, plan.rowOf);
    const sizes = this.patchSizes();
    const { outChannels } = ditSizes(config);
    const first = patchEmbedding(x, weights.patches, plan.tokens, sizes, { samples, images });
    const last = finalLayer(
      plan.normal,
      weights.final,
      velocity,
      { ...sizes, allChannels: outChannels },
      { images, guidance },
      move && { ...move, block: plan.moveBlock },
    );
    const [embed, finish] = [ready(machine, first), ready(machine, last)];
    if (tap) {
      recordCalls(machine, [embed], table);
      tap("tokens_after_patch_embed", plan.tokens);
      plan.blocks.forEach((block, index) => {
        recordCalls(machine, block, table);
        tap(`tokens_after_block_${index}`, plan.tokens);
      });
      recordCalls(machine, [plan.finalNorm, finish], table);
    } else recordCalls(machine, [embed, ...plan.blocks.flat(), plan.finalNorm, finish], table);
  }

  /** Records all output channels of the evaluation that was recorded last, a learned variance among them, as pixels
   *  [samples,H,W,Cout]. */
  recordAllChannels(output: GPUBuffer): void {
    const { machine, weights, plan } = this;
    if (plan === null) return;
    const { outChannels } = ditSizes(this.config);
    const sizes = { ...this.patchSizes(), channels: outChannels, allChannels: outChannels };
    const call = finalLayer(plan.normal, weights.final, output, sizes, {
      images: plan.samples,
      guidance: null,
    });
    recordCalls(machine, [ready(machine, call)]);
  }

  private patchSizes() {
    const { input_size: side, patch_size: patch, in_channels: channels, hidden_size: D } = this.config;
    return { side, patch, channels, D };
  }

  private planFor(samples: number): Plan {
    if (this.plan?.samples === samples) return this.plan;
    this.plan?.arena.destroy();
    this.plan = this.makePlan(samples);
    return this.plan;
  }

  private makePlan(samples: number): Plan {
    const { machine, weights, config, rowWidth: tableWidth } = this;
    const { hidden_size: D, depth, num_heads: heads } = config;
    const { tokens: perSample, mlp } = ditSizes(config);
    const rows = samples * perSample;
    const arena = new GpuArena(machine.device);
    const tokens = arena.reserve(rows * D); // x of the residual stream
    const normal = arena.reserve(rows * D);
    const qkv = arena.reserve(rows * 3 * D);
    const mixed = arena.reserve(rows * D);
    const hidden = arena.reserve(rows * 4 * vectors(mlp));
    const size = { samples, rows, tokens: perSample, D, heads };
    const part = (index: number) => ({ tableWidth, start: index * D });
    const norm = (shift: number, scale: number) =>
      modulatedLayerNorm(tokens, normal, size, part(shift), part(scale));
    const block = ({ qkv: toQkv, proj, fc1, fc2 }: DiTGpuWeights["blocks"][number], index: number) => {
      const first = 6 * index; // shift, scale, gate of attention, then of the MLP
      return [
        norm(first, first + 1), // [B·N,D]
        linear(normal, toQkv, qkv, rows), // [B·N,3D]
        attention(qkv, mixed, size), // [B·N,D]
        linearGated(mixed, proj, tokens, size, part(first + 2)), // [B·N,D]
        norm(first + 3, first + 4), // [B·N,D]
        linearGelu(normal, fc1, hidden, rows), // [B·N,mlp]
        linearGated(hidden, fc2, tokens, size, part(first + 5)), // [B·N,D]
      ].map((call) => ready(machine, call));
    };
    return {
      samples,
      arena,
      tokens,
      normal,
      rowOf: arena.reserve(samples),
      moveBlock: arena.block(MOVE_NUMBERS),
      blocks: weights.blocks.map(block),
      finalNorm: ready(machine, norm(6 * depth, 6 * depth + 1)),
    };
  }
}
