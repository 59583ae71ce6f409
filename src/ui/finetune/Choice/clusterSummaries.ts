import type { ClusterView } from "#state/finetune/scores.ts";

export interface ClusterSummary {
  readonly cluster: number;
  readonly size: number;
  readonly kept: number;
  /** Pictures nearest to the centroid, nearest first. */
  readonly typical: readonly number[];
}

const TYPICAL = 3;

/** What there is to say of each cluster, in the order of their numbers; empty ones are left out. */
export function clusterSummaries(
  { count, labels, distances }: ClusterView,
  mask: Uint8Array | null,
): readonly ClusterSummary[] {
  const members = Array.from({ length: count }, (): number[] => []);
  labels.forEach((cluster, index) => members[cluster].push(index));
  return members.flatMap((indices, cluster) => {
    if (indices.length === 0) return [];
    const kept = mask ? indices.filter((index) => mask[index] === 1).length : indices.length;
    const typical = indices.sort((a, b) => distances[a] - distances[b] || a - b).slice(0, TYPICAL);
    return [{ cluster, size: indices.length, kept, typical }];
  });
}
