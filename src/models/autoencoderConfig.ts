import { ModelError, requireInteger } from "./modelError.ts";

/** An autoencoder's config under the keys of the checkpoints. */
export interface AutoencoderConfig {
  readonly kind: "kl" | "vq";
  readonly image_channels: number;
  readonly latent_channels: number;
  readonly hidden_channels: number;
  /** Widths of the levels as multiples of hidden_channels; each level but the first halves the picture. */
  readonly channel_multipliers: readonly number[];
  /** Residual blocks a level of the encoder; the decoder has one more. */
  readonly num_residual_blocks: number;
  /** One-head attention between the two middle blocks. */
  readonly use_attention: boolean;
  /** Factor of a residual block's shortcut, 0.70711 in the paper's files. */
  readonly residual_scale: number;
  /** Groups of every GroupNorm, 32 in the paper's files. */
  readonly groups: number;
  /** Rows of the codebook; VQ only. */
  readonly codebook_size?: number | undefined;
}

/** Throws ModelError BadConfig or GroupsDoNotDivide for a config that no network can have. */
export function checkAutoencoderConfig(config: AutoencoderConfig): void {
  const { image_channels, latent_channels, hidden_channels, num_residual_blocks, groups } = config;
  const counts = { image_channels, latent_channels, hidden_channels, num_residual_blocks, groups };
  for (const [field, value] of Object.entries(counts)) requireInteger(field, value);
  if (config.channel_multipliers.length === 0) {
    const value = config.channel_multipliers;
    throw new ModelError({ kind: "BadConfig", field: "channel_multipliers", value, reason: "no level" });
  }
  for (const multiplier of config.channel_multipliers) {
    requireInteger("channel_multipliers", multiplier);
    const channels = hidden_channels * multiplier;
    if (channels % groups !== 0) throw new ModelError({ kind: "GroupsDoNotDivide", channels, groups });
  }
  if (!Number.isFinite(config.residual_scale)) {
    const value = config.residual_scale;
    throw new ModelError({
      kind: "BadConfig",
      field: "residual_scale",
      value,
      reason: "not a finite number",
    });
  }
  if (config.kind === "vq") requireInteger("codebook_size", config.codebook_size ?? 0);
}
