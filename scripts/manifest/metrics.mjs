// @ts-check
/** Metrics beside the parts of a family: finite numbers inside their own intervals, each named once.
 *  @typedef {{ name: string, value: number, low?: number, high?: number }} Metric
 *  @typedef {{ metrics?: Metric[] }} Measured
 *  @param {{ name: string, autoencoder: Measured, models: (Measured & { name: string })[],
 *    autoencoders?: (Measured & { name: string })[], features?: { embedding?: Measured, classifier?: Measured } }} family
 *  @returns {string[]} a sentence for each that is not so */
export function wrongMetrics({ name, autoencoder, models, autoencoders = [], features }) {
  const parts = [
    { name: "autoencoder", metrics: autoencoder.metrics },
    ...models,
    ...autoencoders,
    { name: "embedding", metrics: features?.embedding?.metrics },
    { name: "classifier", metrics: features?.classifier?.metrics },
  ];
  return parts.flatMap(({ name: part, metrics = [] }) =>
    metrics
      .filter(
        ({ name: metric, value, low = value, high = value }, i) =>
          !(low <= value && value <= high && Number.isFinite(high - low)) ||
          metrics.findIndex((other) => other.name === metric) !== i,
      )
      .map(
        (metric) => `${name}/${part}: ${metric.name} is given twice, not finite, or outside its own interval`,
      ),
  );
}
