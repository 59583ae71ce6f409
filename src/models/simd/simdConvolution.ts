import type { SimdMachine } from "#simd/machine.ts";
import type { WeightArray } from "../weights.ts";

/** Output channels of a panel, and what channels are rounded up to. */
const PANEL = 8;

/** A convolution in a machine's memory, channels rounded up to whole panels with zeros. */
export interface SimdConvolution {
  readonly filter: number;
  readonly bias: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly size: number;
}

/** Scale and shift of a normalisation in a machine's memory. */
export interface SimdNorm {
  readonly gamma: number;
  readonly beta: number;
  readonly channels: number;
}

const wholePanels = (channels: number): number => Math.ceil(channels / PANEL) * PANEL;

/** Places a filter [out,in,k,k] as panels [out/8][k·k][in][8], and its bias [out]. Throws SimdMemoryError. */
export function packConvolution(
  machine: SimdMachine,
  { shape: [outputs, inputs, size], values }: WeightArray,
  bias: Float32Array,
): SimdConvolution {
  const [wideIn, wideOut] = [wholePanels(inputs), wholePanels(outputs)];
  const taps = size * size;
  const packed = new Float32Array(wideOut * taps * wideIn);
  for (let out = 0; out < outputs; out++) {
    const panel = (out - (out % PANEL)) * taps * wideIn + (out % PANEL);
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++)
        packed[panel + (tap * wideIn + input) * PANEL] = values[(out * inputs + input) * taps + tap];
    }
  }
  const filter = machine.place(packed);
  const address = machine.reserve(wideOut);
  machine.at(address, outputs).set(bias);
  return { filter, bias: address, inputs: wideIn, outputs: wideOut, size };
}

/** Places gamma and beta [C]. Throws SimdMemoryError. */
export function placeNorm(machine: SimdMachine, gamma: Float32Array, beta: Float32Array): SimdNorm {
  return { gamma: machine.place(gamma), beta: machine.place(beta), channels: gamma.length };
}
