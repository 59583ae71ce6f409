import type { SimdMachine } from "#simd/machine.ts";
import { LANES, packPanels, wholeLanes } from "#simd/tiles.ts";
import type { WeightArray } from "../weights.ts";

/** A linear layer in a machine's memory, its sides rounded up to whole lanes with zeros. */
export interface SimdLayer {
  readonly weight: number;
  readonly bias: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** Places a matrix [out,in] and its bias [out]. Throws SimdMemoryError. */
export function placeLayer(machine: SimdMachine, matrix: WeightArray, bias: Float32Array): SimdLayer {
  const [outputs, inputs] = matrix.shape;
  const width = wholeLanes(inputs);
  const layer = {
    weight: machine.place(packPanels(matrix.values, outputs, inputs, width)),
    bias: machine.reserve(wholeLanes(outputs)),
    inputs: width,
    outputs: wholeLanes(outputs),
  };
  machine.at(layer.bias, outputs).set(bias);
  return layer;
}

/** Several layers of the same inputs as one, outputs one after the other. */
export function stackLayers(layers: readonly { matrix: WeightArray; bias: Float32Array }[]): {
  matrix: WeightArray;
  bias: Float32Array;
} {
  const inputs = layers[0]?.matrix.shape[1] ?? 0;
  const outputs = layers.reduce((sum, { bias }) => sum + bias.length, 0);
  const values = new Float32Array(outputs * inputs);
  const biases = new Float32Array(outputs);
  let row = 0;
  for (const { matrix, bias } of layers) {
    values.set(matrix.values, row * inputs);
    biases.set(bias, row);
    row += bias.length;
  }
  return { matrix: { shape: [outputs, inputs], values }, bias: biases };
}

/** y = x·W + b on `tiles` tiles; the address of y, which it reserves. */
export function runLayer(machine: SimdMachine, layer: SimdLayer, x: number, tiles: number): number {
  const y = machine.reserve(tiles * LANES * layer.outputs);
  machine.run("linear", layer.outputs / LANES, ...product(layer, x, y, tiles));
  return y;
}

/** The arguments of a kernel's product. */
export const product = (
  { weight, bias, inputs, outputs }: SimdLayer,
  x: number,
  y: number,
  tiles: number,
): [number, number, number, number, number, number, number] => [x, weight, bias, y, tiles, inputs, outputs];
