import { type Tensor4D, tensor4d } from "@tensorflow/tfjs-core";
import { installedGpu, installGpu } from "#gpu/installed.ts";
import { createDiT } from "#models/dit.ts";
import { tensorDevice, tensorGpu } from "#models/gpu/tensorGpu.ts";
import type { ShippedNetwork } from "./shippedNetwork.ts";
import type { Evaluator, Task } from "./task.ts";

/** The network on our kernels where they are installed, else on TensorFlow.js's ops; of both the first evaluation is done. */
export async function tensorEvaluator(
  { config, weights }: ShippedNetwork,
  { times, labels, x }: Task,
): Promise<Evaluator> {
  const machine = installedGpu();
  const device = tensorDevice();
  if (device === null) throw new Error("TensorFlow.js does not compute on WebGPU");
  const model = createDiT(config, weights);
  const trajectory = model.begin([...times], [...labels], 1);
  const side = config.input_size;
  const states = tensor4d(x, [labels.length, side, side, config.in_channels]);
  const evaluate = async (index: number): Promise<Tensor4D> => {
    const velocity = await trajectory.velocity(index, states);
    if (machine === null) {
      const gpu = tensorGpu();
      gpu.encoder(); // there is something to submit, also where the last op happened to fill a submission
      gpu.submit();
    }
    return velocity;
  };
  let latest = await evaluate(0);
  return {
    async step() {
      latest.dispose();
      latest = await evaluate(1);
    },
    settle: () => device.queue.onSubmittedWorkDone(),
    velocity: () => latest.data<"float32">(),
    movedBytes: () => machine?.counts.bytes ?? null,
  };
}

/** The same on TensorFlow.js's ops while our kernels are installed. */
export async function plainEvaluator(network: ShippedNetwork, task: Task): Promise<Evaluator> {
  const machine = installedGpu();
  installGpu(null);
  try {
    return await tensorEvaluator(network, task);
  } finally {
    installGpu(machine);
  }
}
