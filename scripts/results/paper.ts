/** The paper's own numbers (arXiv 2605.08398), for the tables that put ours beside them. Its FID is Inception's on
 *  CelebA-HQ faces at 256 px, ours is in a network of our own on drawn avatars: only the ratios can be compared. */
export const PAPER_PRUNING = [
  { criterion: "all of the data", fid: 24.24, ours: "zoo-base" },
  { criterion: "random", fid: 25.25, ours: "zoo-half" },
  { criterion: "G", fid: 24.62, ours: "zoo-g" },
  { criterion: "G⁻¹", fid: 29.75, ours: null },
  { criterion: "L", fid: 33.92, ours: "zoo-l" },
  { criterion: "L⁻¹", fid: 23.49, ours: "zoo-l-inverse" },
  { criterion: "C_p", fid: 25.19, ours: null },
  { criterion: "C_b", fid: 22.8, ours: "zoo-cb" },
  { criterion: "C_b^κ", fid: 23.42, ours: "zoo-cb-kernel" },
] as const;

/** Same-seed similarity s of pairs, mean cosine in a network of the paper's choice. */
export const PAPER_SIMILARITY = [
  { pair: "two sizes of one architecture (S against XL)", s: 0.81, ours: "zoo-width-192" },
  { pair: "another architecture (U-Net against DiT)", s: 0.55, ours: "zoo-unet" },
  { pair: "a part of the data removed (one gender; ours: one class)", s: 0.58, ours: "zoo-drop-micah" },
  { pair: "another autoencoder", s: 0.32, ours: "zoo-autoencoder" },
] as const;

/** Coarse-to-fine at τ = 0.7 on an H100, batch 128. */
export const PAPER_SPEED = { heavyMs: 94.0, coarseToFineMs: 43.5, speedUp: 2.15 } as const;
