import * as v from "valibot";

/** The shape of docs/results.json, as pretrain/metrics/results.py writes it; units are told there. */

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const share = v.pipe(finite, v.minValue(0), v.maxValue(1));

const estimate = v.strictObject({ value: finite, low: finite, high: finite, blocks: v.array(finite) });

const protocol = v.strictObject({
  guidance: finite,
  steps: count,
  solver: v.string(),
  pairedBlocks: count,
  pairedSeeds: count,
  qualityBlocks: count,
  qualitySamples: count,
  referenceSplit: v.string(),
  referenceCount: count,
  resamples: count,
  meanResamples: count,
  device: v.string(),
  torch: v.string(),
});

const accuracy = v.strictObject({ share, count });

const file = { name: v.string(), file: v.string(), bytes: count, sha256: v.string(), parameters: count };

const quality = v.strictObject({
  fd: estimate,
  fdPooled: estimate,
  kid: estimate,
  precision: estimate,
  recall: estimate,
  density: estimate,
  coverage: estimate,
  recognised: estimate,
  recognisedPerClass: v.record(v.string(), share),
  recognisedLowest: estimate,
  memorised: v.nullable(estimate),
});

const model = v.strictObject({
  name: v.string(),
  kind: v.string(),
  differs: v.string(),
  recipe: v.string(),
  architecture: v.string(),
  width: count,
  depth: count,
  parameters: count,
  bytes: count,
  sha256: v.string(),
  samples: count,
  seconds: finite,
  device: v.string(),
  quality,
  base: v.nullable(v.string()),
  fdRatio: v.nullable(estimate),
  fdRatioPooled: v.nullable(estimate),
  lossPerT: v.array(v.strictObject({ t: share, loss: estimate })),
});

const coarseToFine = v.strictObject({
  recipe: v.string(),
  light: v.string(),
  heavy: v.string(),
  order: v.picklist(["light first", "heavy first"]),
  tau: share,
  lightSteps: count,
  heavySteps: count,
  quality,
  fdRatio: estimate,
  fdRatioPooled: estimate,
  sNorm: estimate,
});

const pair = v.strictObject({
  a: v.string(),
  b: v.string(),
  what: v.string(),
  noiseFloor: v.boolean(),
  s: estimate,
  sUnrel: estimate,
  sNorm: estimate,
  agreement: estimate,
  agreementUnrel: estimate,
  agreementHeads: v.record(v.string(), v.strictObject({ share, pairs: count })),
  mse: estimate,
  psnr: v.nullable(estimate),
  ssim: estimate,
  latentCosine: v.array(v.strictObject({ t: share, cosine: estimate })),
});

const autoencoder = v.strictObject({
  name: v.string(),
  sha256: v.string(),
  psnr: estimate,
  ssim: estimate,
  fd: estimate,
});

const family = v.strictObject({
  protocol,
  embedding: v.strictObject({ ...file, featureDim: count }),
  classifier: v.strictObject({ ...file, classAccuracy: accuracy, heads: v.record(v.string(), accuracy) }),
  autoencoders: v.pipe(v.array(autoencoder), v.minLength(1)),
  drawings: quality,
  models: v.array(model),
  coarseToFine: v.array(coarseToFine),
  pairs: v.array(pair),
  claims: v.array(
    v.strictObject({ statement: v.string(), rule: v.string(), measured: estimate, met: v.boolean() }),
  ),
});

export const RESULTS = v.strictObject({ families: v.record(v.string(), family), format: v.literal(1) });

export type Results = v.InferOutput<typeof RESULTS>;
export type FamilyResults = v.InferOutput<typeof family>;
export type ModelResult = v.InferOutput<typeof model>;
export type TauResult = v.InferOutput<typeof coarseToFine>;
export type Quality = v.InferOutput<typeof quality>;
export type Estimate = v.InferOutput<typeof estimate>;
