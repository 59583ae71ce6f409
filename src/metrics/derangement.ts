import { STREAMS, uniforms } from "#flow/uniforms.ts";
import { MetricError } from "./metricError.ts";

/** Permutation p with labels[p[i]] = labels[i] and p[i] ≠ i for every i: a random cycle through each class, which pairs
 *  every sample with a stranger of its class. Samples are ordered by uniforms of the seed's shuffle stream (number i
 *  belongs to sample i); each goes to the next of its class, the last to the first.
 *  Throws MetricError LoneSample for a class with one sample, SeedError. Source: method §8. */
export function derangement(labels: readonly number[], seed: number): Int32Array {
  const u = uniforms(seed, STREAMS.shuffle, labels.length);
  const order = [...labels.keys()].sort((i, j) => u[i] - u[j]); // stable: ties keep the lower index first
  const classes = new Map<number, number[]>();
  for (const sample of order) {
    const members = classes.get(labels[sample]);
    if (members) members.push(sample);
    else classes.set(labels[sample], [sample]);
  }
  const permutation = new Int32Array(labels.length);
  for (const [label, members] of classes) {
    if (members.length < 2) throw new MetricError({ kind: "LoneSample", label });
    members.forEach((sample, i) => {
      permutation[sample] = members[(i + 1) % members.length];
    });
  }
  return permutation;
}
