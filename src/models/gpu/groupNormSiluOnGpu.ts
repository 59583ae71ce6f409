import { engine, registerKernel, type Tensor4D } from "@tensorflow/tfjs-core";
import {
  GROUP_NORM_SILU,
  GROUP_STATISTICS,
  groupNormSilu as groupNormSiluCalls,
} from "#gpu/groupNormSilu.ts";
import { installedGpu } from "#gpu/installed.ts";
import type { GpuMachine } from "#gpu/machine.ts";
import { groupNormSilu } from "#kernels/groupNormSilu.ts";
import { tensorDevice, tensorGpu } from "./tensorGpu.ts";

const KERNEL = "GroupNormSilu";

/** Two dispatches of our own among the commands of TensorFlow.js instead of a dozen of its ops. */
registerKernel({
  kernelName: KERNEL,
  backendName: "webgpu",
  kernelFunc({ inputs, attrs }) {
    const { x, gamma, beta } = inputs;
    const machine = installedGpu();
    if (!x || !gamma || !beta || machine === null) throw new Error(`${KERNEL} is for networks on the GPU`);
    const gpu = tensorGpu();
    const [images, height, width, channels] = x.shape;
    const sizes = { images, pixels: height * width, channels, groups: Number(attrs?.groups) };
    const statistics = gpu.newInfo([images, sizes.groups, 2]);
    const y = gpu.newInfo(x.shape);
    const [from, of, to] = [x, statistics, y].map(gpu.bufferOf);
    const factors = [gpu.bufferOf(gamma), gpu.bufferOf(beta)] as const;
    const calls = groupNormSiluCalls(from, factors, of, to, sizes, Number(attrs?.eps));
    machine.record(
      gpu.encoder(),
      calls.map((call) => machine.prepare(call)),
    );
    gpu.release(statistics); // its memory is reused by later commands only
    return y;
  },
});

groupNormSilu.setRoute("webgpu", (x, gamma, beta, groups, eps) => {
  const machine = installedGpu();
  const runs = (on: GpuMachine) => on.runs(GROUP_STATISTICS) && on.runs(GROUP_NORM_SILU);
  if (machine === null || machine.device !== tensorDevice() || !runs(machine))
    return groupNormSilu.reference(x, gamma, beta, groups, eps);
  return engine().runKernel<Tensor4D>(KERNEL, { x, gamma, beta }, { groups, eps });
});
