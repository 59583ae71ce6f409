/** Kernels of the networks' forward passes on the CPU, in AssemblyScript: TypeScript's syntax, WebAssembly's SIMD.
 *
 *  Rows in lanes: how velocity networks have it. A matrix [rows,K] of activations lies in tiles of four rows, [⌈rows/4⌉][K][4]: a vector register holds
 *  one column of four rows. Sums over columns (a product, a mean, a softmax) are then plain loops that never cross
 *  lanes, in one fixed order for every row: a row gets the same bits whatever stands beside it, in any batch, on any
 *  number of threads, on any machine. Rows beyond the last are padding; what they hold stays in their lanes.
 *
 *  Pictures lie as rows of channels, channels in lanes: a convolution looks at neighbours, which tiles of rows would tear apart.
 *
 *  Addresses are bytes in the one memory; nothing here allocates. Work is divided by the `from … to` of a call. */
export { attention } from "./attention";
export { convolution } from "./convolution";
export { groupNormSilu } from "./groupNormSilu";
export { linear, linearAdded, linearGated, linearGelu } from "./linear";
export { modulatedLayerNorm } from "./modulatedLayerNorm";
export { silu } from "./silu";
