import { add, dispose, keep, type Tensor, tensor1d, zeros } from "@tensorflow/tfjs-core";
import { ADAM_W, type AdamWBuffers, adamW, stepNumbers } from "#gpu/adamW.ts";
import { CLIP, clip, SQUARES, squareSums, squares } from "#gpu/gradientNorm.ts";
import { installedGpu } from "#gpu/installed.ts";
import type { KernelCall } from "#gpu/kernel.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { readBuffers } from "#gpu/readBuffers.ts";
import { tensorDevice, tensorGpu } from "#models/gpu/tensorGpu.ts";
import type { Optimizer, StepFactors, TrainedNumbers } from "./optimizer.ts";
import { type ParameterSlot, partOf } from "./parameters.ts";
import type { LoadedNetwork, Trainable } from "./trainable.ts";

/** A trained tensor and what goes with it, on the device. */
interface OnDevice {
  readonly slot: ParameterSlot;
  readonly buffers: AdamWBuffers;
  /** Where the sums of its gradient's squares begin among all. */
  readonly firstSum: number;
}

/** AdamW and averages on the device that the network is trained on: one dispatch a tensor for its moments, weights and average, and
 *  one for its share of the gradient's norm. A step uploads nine numbers and reads nine back. Null where our own kernels are not
 *  installed on TensorFlow.js's device, one of these is switched off, or the network is not made of the trained numbers themselves. */
export function deviceOptimizer(trainable: Trainable, start: TrainedNumbers): Optimizer | null {
  const machine = installedGpu();
  if (machine === null || machine.device !== tensorDevice() || !trainable.inPlace) return null;
  if (![SQUARES, CLIP, ADAM_W].every((kernel) => machine.runs(kernel))) return null;
  return new DeviceOptimizer(trainable, start, machine);
}

class DeviceOptimizer implements Optimizer {
  readonly place = "device";
  /** Its tensors change under TensorFlow.js: they are read by `readBuffers` alone, since `data` keeps what it has read. */
  private readonly network: LoadedNetwork;
  private readonly own: Tensor[] = [];
  private readonly parts: readonly OnDevice[];
  private readonly sums: { readonly buffer: GPUBuffer; readonly count: number };

  constructor(
    trainable: Trainable,
    start: TrainedNumbers,
    private readonly machine: GpuMachine,
  ) {
    const gpu = tensorGpu();
    this.network = trainable.load(start.weights);
    const hold = (held: Tensor): GPUBuffer => {
      this.own.push(keep(held));
      return gpu.bufferOf(held);
    };
    const parts: OnDevice[] = [];
    let firstSum = 0;
    for (const slot of trainable.layout.slots.values()) {
      const weights = this.network.tensors.get(slot.name);
      if (!weights) throw new Error(`the network has no ${slot.name}`);
      const place = (values: Float32Array) => hold(tensor1d(partOf(values, slot)));
      const buffers = {
        weights: gpu.bufferOf(weights),
        first: place(start.first),
        second: place(start.second),
        average: place(start.average),
      };
      parts.push({ slot, buffers, firstSum });
      firstSum += squareSums(slot.size);
    }
    this.parts = parts;
    this.sums = { buffer: hold(gpu.newTensor([firstSum]).tensor), count: firstSum };
  }

  begin(factors: StepFactors) {
    const { parts, machine, network } = this;
    const gradients = new Map<string, Tensor>();
    const step = tensor1d(stepNumbers(factors));
    const record = (calls: readonly KernelCall[]) => {
      const gpu = tensorGpu();
      machine.record(
        gpu.encoder(),
        calls.map((call) => machine.prepare(call)),
      );
      gpu.submit();
    };
    return {
      network,
      async add(more: ReadonlyMap<string, Tensor>) {
        for (const [name, gradient] of more) {
          const sum = gradients.get(name);
          gradients.set(name, keep(sum ? add(sum, gradient) : gradient.clone()));
          sum?.dispose();
        }
      },
      norm: async () => {
        const { bufferOf } = tensorGpu();
        const { buffer: sums, count } = this.sums;
        record([
          ...parts.map(({ slot, firstSum }) =>
            squares(bufferOf(gradientOf(gradients, slot)), slot.size, sums, firstSum),
          ),
          clip(sums, count, factors.clipNorm, bufferOf(step)),
        ]);
        return (await step.data())[0];
      },
      update() {
        const { bufferOf } = tensorGpu();
        record(
          parts.map(({ slot, buffers }) =>
            adamW(buffers, bufferOf(gradientOf(gradients, slot)), bufferOf(step), slot.size),
          ),
        );
      },
      end: () => dispose([step, ...gradients.values()]),
    };
  }

  async numbers(): Promise<TrainedNumbers> {
    const [weights, first, second, average] = await Promise.all(
      (["weights", "first", "second", "average"] as const).map((which) => this.read(which)),
    );
    return { weights, first, second, average };
  }

  async vector(which: "weights" | "average"): Promise<Float32Array> {
    return this.read(which);
  }

  dispose(): void {
    this.network.unload();
    dispose(this.own.splice(0));
  }

  private read(which: keyof AdamWBuffers): Promise<Float32Array> {
    const gpu = tensorGpu();
    gpu.encoder();
    gpu.submit(); // TensorFlow.js may still hold back what was uploaded
    return readBuffers(
      this.machine.device,
      this.parts.map(({ buffers }) => buffers[which]),
    );
  }
}

/** What was added for a tensor; nothing is zero. */
function gradientOf(gradients: Map<string, Tensor>, { name, shape }: ParameterSlot): Tensor {
  const found = gradients.get(name) ?? keep(zeros([...shape]));
  gradients.set(name, found);
  return found;
}
