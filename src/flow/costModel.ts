/** Predicted speed-up of coarse-to-fine over the heavy model alone: 1 / ((1 − τ) + τ r).
 *  lightShare τ: share of the evaluations that the light model serves, 0 … 1; costRatio r: cost of one light
 *  evaluation over one heavy, > 0. At τ = 0.7, 2× needs r ≤ 0.286. Source: method §2. */
export const predictedSpeedUp = (lightShare: number, costRatio: number): number =>
  1 / (1 - lightShare + lightShare * costRatio);

/** The cost ratio r at which `predictedSpeedUp(lightShare, r)` is `speedUp`; negative when no light model is
 *  cheap enough. lightShare in (0,1]. */
export const costRatioFor = (speedUp: number, lightShare: number): number =>
  (1 / speedUp - (1 - lightShare)) / lightShare;
