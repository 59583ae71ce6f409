import type { SimdMachine } from "#simd/machine.ts";
import { LANES, wholeLanes, writeTiles } from "#simd/tiles.ts";
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
  const layer = reserveLayer(machine, inputs, outputs);
  fillLayer(machine, layer, matrix, bias, 0);
  return layer;
}

/** Memory for a layer, all zeros. Throws SimdMemoryError. */
export function reserveLayer(machine: SimdMachine, inputs: number, outputs: number): SimdLayer {
  const [width, height] = [wholeLanes(inputs), wholeLanes(outputs)];
  const [weight, bias] = [machine.reserve(height * width), machine.reserve(height)];
  machine.at(weight, height * width).fill(0);
  machine.at(bias, height).fill(0);
  return { weight, bias, inputs: width, outputs: height };
}

/** Writes a matrix [out,in] and its bias [out] into a layer from the output `first` on, which begins a panel. */
export function fillLayer(
  machine: SimdMachine,
  layer: SimdLayer,
  { shape: [outputs, inputs], values }: WeightArray,
  bias: Float32Array,
  first: number,
): void {
  const panels = machine.at(layer.weight + 4 * first * layer.inputs, wholeLanes(outputs) * layer.inputs);
  writeTiles(values, inputs, panels, layer.inputs); // a panel of four outputs is a tile of four rows
  machine.at(layer.bias + 4 * first, outputs).set(bias);
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
