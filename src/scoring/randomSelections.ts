import { permutation } from "#flow/permutation.ts";
import { STREAMS } from "#flow/uniforms.ts";
import type { Clusters } from "./kMeans.ts";
import { ScoringError } from "./scoringError.ts";

/** The first `keep` of a permutation of 0 … samples−1 by stream 3 of the seed. */
export const selectAtRandom = (samples: number, keep: number, seed: number): Uint32Array =>
  permutation(seed, STREAMS.shuffle, samples).slice(0, keep);

/** Whole clusters in an order by stream 3 of the seed until `keep` samples are there; the last one only as far as needed,
 *  nearest to its centroid first. The other clusters are gone. */
export function dropClusters(
  { labels, sizes, distances }: Pick<Clusters, "labels" | "sizes" | "distances">,
  keep: number,
  seed: number,
): Uint32Array {
  const rank = new Uint32Array(sizes.length);
  permutation(seed, STREAMS.shuffle, sizes.length).forEach((cluster, place) => {
    rank[cluster] = place;
  });
  return Uint32Array.from(labels.keys())
    .sort((a, b) => rank[labels[a]] - rank[labels[b]] || distances[a] - distances[b] || a - b)
    .slice(0, keep);
}

/** The kept samples repeated until there are `size`, ascending: every one ⌊size/n⌋ times, and the first few of a
 *  permutation by stream 3 of the seed once more. Throws ScoringError CannotRepeat. */
export function oversample(kept: Uint32Array, size: number, seed: number): Uint32Array {
  if (kept.length === 0 || size < kept.length)
    throw new ScoringError({ kind: "CannotRepeat", kept: kept.length, size });
  const repeated: number[] = [];
  for (const index of kept)
    for (let time = 0; time < Math.floor(size / kept.length); time++) repeated.push(index);
  const order = permutation(seed, STREAMS.shuffle, kept.length);
  for (let i = 0; repeated.length < size; i++) repeated.push(kept[order[i]]);
  return Uint32Array.from(repeated).sort();
}
