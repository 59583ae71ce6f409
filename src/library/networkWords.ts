import type { LocalNetwork } from "./localModel.ts";

/** "DiT 4 × 128, 2 heads, patch 2, latents 4 × 16 × 16, 9 label rows". */
export function networkWords(network: LocalNetwork): string {
  const { input_size: size, in_channels: channels, num_classes: classes } = network.config;
  const latents = `latents ${channels} × ${size} × ${size}`;
  if (network.architecture === "unet") {
    const { base_channels: base, channel_mult: widths } = network.config;
    return `U-Net ${base} × (${widths.join(", ")}), ${latents}, ${classes} label rows`;
  }
  const { depth, hidden_size: width, num_heads: heads, patch_size: patch } = network.config;
  const rows = classes + (network.config.class_dropout_prob > 0 ? 1 : 0);
  return `DiT ${depth} × ${width}, ${heads} heads, patch ${patch}, ${latents}, ${rows} label rows`;
}
