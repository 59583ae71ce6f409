/** What `assembly/` exports; its files say what each call does. Addresses are bytes in the one memory. A call does the
 *  share from … to−1 of its work. */
export type SimdKernels = {
  linear(from: number, to: number, ...product: Product): void;
  linearGelu(from: number, to: number, ...product: Product): void;
  linearGated(
    ...call: [
      from: number,
      to: number,
      ...product: Product,
      rest: number,
      rows: number,
      gate: number,
      tilesPerSample: number,
    ]
  ): void;
  linearAdded(
    ...call: [from: number, to: number, ...product: Product, table: number, tilesPerSample: number]
  ): void;
  modulatedLayerNorm(
    ...call: [
      from: number,
      to: number,
      x: number,
      y: number,
      width: number,
      rows: number,
      shift: number,
      scale: number,
      tilesPerSample: number,
    ]
  ): void;
  attention(
    ...call: [
      from: number,
      to: number,
      qkv: number,
      y: number,
      scores: number,
      tokens: number,
      tilesPerSample: number,
      heads: number,
      d: number,
    ]
  ): void;
  silu(from: number, to: number, x: number, y: number): void;
  convolution(
    ...call: [
      from: number,
      to: number,
      x: number,
      filter: number,
      bias: number,
      y: number,
      height: number,
      width: number,
      inputs: number,
      outputs: number,
      size: number,
      shift: number,
      zeros: number,
      rest: number,
      factor: number,
    ]
  ): void;
  groupNormSilu(
    ...call: [
      from: number,
      to: number,
      x: number,
      y: number,
      height: number,
      width: number,
      channels: number,
      groups: number,
      gamma: number,
      beta: number,
      eps: number,
      scratch: number,
      active: number,
    ]
  ): void;
};

type Product = [
  x: number,
  weight: number,
  bias: number,
  y: number,
  tiles: number,
  inputs: number,
  outputs: number,
];

export type SimdKernelName = keyof SimdKernels;

/** Their names in one order, so that a number can stand for each. */
export const KERNEL_NAMES: readonly SimdKernelName[] = [
  "linear",
  "linearGelu",
  "linearGated",
  "linearAdded",
  "modulatedLayerNorm",
  "attention",
  "silu",
  "convolution",
  "groupNormSilu",
];

/** The kernels on a memory of their own. Throws when the module is not that of `assembly/`. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): SimdKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  return exports as SimdKernels; // compiled from `assembly/` by our own build
}

const abort = (): never => {
  throw new Error("a kernel gave up");
};
