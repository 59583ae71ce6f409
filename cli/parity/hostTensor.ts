import {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tensor1d,
  tensor2d,
  tensor4d,
} from "@tensorflow/tfjs-core";
import { CaseError } from "./caseError.ts";

/** A tensor of a case on the host: row-major, images and latents in (C,H,W) order as the files have them. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export const elements = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Swaps [B, P, Q] for [B, Q, P]: the step between (C,H,W) and (H,W,C), with P and Q the channels and pixels. */
function swapped(values: Float32Array, batch: number, p: number, q: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let b = 0; b < batch; b++) {
    const start = b * p * q;
    for (let i = 0; i < p; i++) {
      for (let j = 0; j < q; j++) out[start + j * p + i] = values[start + i * q + j] as number;
    }
  }
  return out;
}

function assertRank(tensor: HostTensor, rank: number): void {
  if (tensor.shape.length !== rank)
    throw new CaseError(`a tensor of shape [${tensor.shape}] should have rank ${rank}`);
}

/** [B,C,H,W] of a file as the engine's [B,H,W,C]. */
export function toStates(tensor: HostTensor): Tensor4D {
  assertRank(tensor, 4);
  const [batch = 0, channels = 0, height = 0, width = 0] = tensor.shape;
  return tensor4d(swapped(tensor.values, batch, channels, height * width), [batch, height, width, channels]);
}

/** The engine's [B,H,W,C] as a file's [B,C,H,W]. */
export async function fromStates(tensor: Tensor4D): Promise<HostTensor> {
  const [batch, height, width, channels] = tensor.shape;
  const values = await valuesOf(tensor);
  return {
    shape: [batch, channels, height, width],
    values: swapped(values, batch, height * width, channels),
  };
}

/** Any tensor, in its own layout. */
export async function fromTensor(tensor: Tensor): Promise<HostTensor> {
  return { shape: tensor.shape, values: await valuesOf(tensor) };
}

const valuesOf = async (tensor: Tensor): Promise<Float32Array> => Float32Array.from(await tensor.data());

export function toTensor1d(tensor: HostTensor): Tensor1D {
  assertRank(tensor, 1);
  return tensor1d(tensor.values);
}

export function toTensor2d(tensor: HostTensor): Tensor2D {
  assertRank(tensor, 2);
  return tensor2d(tensor.values, [tensor.shape[0] ?? 0, tensor.shape[1] ?? 0]);
}

/** Tensors of one shape along a new first axis. */
export function stacked(tensors: readonly HostTensor[]): HostTensor {
  const [first] = tensors;
  if (!first) throw new CaseError("nothing to stack");
  const size = first.values.length;
  const values = new Float32Array(tensors.length * size);
  for (const [i, tensor] of tensors.entries()) values.set(tensor.values, i * size);
  return { shape: [tensors.length, ...first.shape], values };
}

/** The same values under another shape of as many elements. */
export function reshaped(tensor: HostTensor, shape: readonly number[]): HostTensor {
  if (elements(shape) !== tensor.values.length)
    throw new CaseError(`[${tensor.shape}] cannot become [${shape}]`);
  return { shape, values: tensor.values };
}
