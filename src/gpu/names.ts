/** Our kernels on WebGPU. No kernel's text here, so that the page can read the table. */
export const GPU_KERNELS = [
  "linear",
  "modulatedLayerNorm",
  "attention",
  "silu",
  "patchEmbedding",
  "finalLayer",
  "groupStatistics",
  "groupNormSilu",
  "convolution",
  "squares",
  "clip",
  "adamW",
] as const;
export type GpuKernelName = (typeof GPU_KERNELS)[number];
