import type { DiTConfig } from "./ditConfig.ts";

/** The two layers behind the time's sinusoid. */
export const TIME_LAYERS = ["t_embedder.mlp.0", "t_embedder.mlp.2"] as const;

/** What the names of a block's layers begin with, block by block. */
export const blockNames = ({ depth }: DiTConfig): string[] =>
  Array.from({ length: depth }, (_, index) => `blocks.${index}`);

/** The linear layers that a block's tokens go through, in their order: qkv, proj, fc1, fc2. */
export const layersOfBlock = (block: string): string[] =>
  ["attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2"].map((layer) => `${block}.${layer}`);

/** The layer that makes the modulations of a block, or of "final_layer". */
export const modulationOf = (block: string): string => `${block}.adaLN_modulation.1`;
