import {
  dispose,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tensor,
} from "@tensorflow/tfjs-core";
import { engineLayout, toEngineLayout } from "./layout.ts";
import { ModelError } from "./modelError.ts";
import type { WeightMap, WeightSpec } from "./weights.ts";

/** Weights on the device in the engine's layout, under the checkpoint's names. Variables serve as well, so that
 *  gradients reach them. */
export type WeightTensors = ReadonlyMap<string, Tensor>;

/** Uploads the weights that `spec` names; others are ignored. The caller disposes them (`disposeTensors`).
 *  Throws MissingWeight, WrongShape; nothing is left uploaded then. */
export function uploadWeights(spec: WeightSpec, weights: WeightMap): WeightTensors {
  for (const [name, expected] of spec) {
    const actual = weights.get(name)?.shape;
    if (actual === undefined) throw new ModelError({ kind: "MissingWeight", name });
    if (actual.join() !== expected.join())
      throw new ModelError({ kind: "WrongShape", name, expected, actual });
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, expected] of spec) {
    const weight = weights.get(name);
    if (weight === undefined) continue;
    const { shape, values } = toEngineLayout(weight, engineLayout(name, expected));
    tensors.set(name, tensor(values, [...shape], "float32"));
  }
  return tensors;
}

/** Throws MissingWeight or WrongShape at the first weight of `spec` that is absent or misshapen. */
export function checkWeightShapes(spec: WeightSpec, weights: WeightMap): void {
  for (const [name, expected] of spec) {
    const actual = weights.get(name)?.shape;
    if (actual === undefined) throw new ModelError({ kind: "MissingWeight", name });
    if (actual.join() !== expected.join())
      throw new ModelError({ kind: "WrongShape", name, expected, actual });
  }
}

/** Frees uploaded weights. */
export const disposeTensors = (tensors: WeightTensors): void => dispose([...tensors.values()]);

/** The weight `name`, of the rank that its place in the network asks for. Throws MissingWeight. */
function weightAt(tensors: WeightTensors, name: string): Tensor {
  const found = tensors.get(name);
  if (found === undefined) throw new ModelError({ kind: "MissingWeight", name });
  return found;
}

/** A table or a matrix without bias, in the engine's layout. */
export const matrixAt = (tensors: WeightTensors, name: string): Tensor2D =>
  weightAt(tensors, name) as Tensor2D;

/** Matrix [in,out] and bias [out] of the linear layer `name`. */
export const linearAt = (tensors: WeightTensors, name: string): [Tensor2D, Tensor1D] => [
  matrixAt(tensors, `${name}.weight`),
  weightAt(tensors, `${name}.bias`) as Tensor1D,
];

/** Filter [k,k,in,out] and bias [out] of the convolution `name`. */
export const convAt = (tensors: WeightTensors, name: string): [Tensor4D, Tensor1D] => [
  weightAt(tensors, `${name}.weight`) as Tensor4D,
  weightAt(tensors, `${name}.bias`) as Tensor1D,
];

/** Scale and shift [C] of the normalisation `name`. */
export const normAt = (tensors: WeightTensors, name: string): [Tensor1D, Tensor1D] => [
  weightAt(tensors, `${name}.weight`) as Tensor1D,
  weightAt(tensors, `${name}.bias`) as Tensor1D,
];
