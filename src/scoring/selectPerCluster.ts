import { herding } from "./herding.ts";
import { type Matrix, rowsAt } from "./matrix.ts";
import { orderOf } from "./order.ts";
import { selectByScore } from "./selectByScore.ts";

/** `quota[k]` samples of each cluster k, those of smallest (or largest) score, cluster 0 first. With distances to the
 *  centroid as scores: C_p by `proportionalQuota`, C_b by `balancedQuota`. Throws ScoringError ScoresNotFinite. */
export const selectPerCluster = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  quota: Uint32Array,
  largest = false,
): Uint32Array =>
  perCluster(labels, quota, (members, keep) =>
    selectByScore(
      members.map((member) => scores[member]),
      keep,
      largest,
    ),
  );

/** C_b^κ: in each cluster herding on its rows of `features` (random Fourier features), `anchors` of them or all of the
 *  quota, and the rest of the quota nearest to the centroid. */
export const selectByKernel = (
  labels: ArrayLike<number>,
  distances: ArrayLike<number>,
  features: Matrix,
  quota: Uint32Array,
  anchors = Number.POSITIVE_INFINITY,
): Uint32Array =>
  perCluster(labels, quota, (members, keep) => {
    const first = herding(rowsAt(features, members), Math.min(anchors, keep));
    const chosen = new Set(first);
    const nearest = orderOf(members.map((member) => distances[member]));
    return [...first, ...nearest.filter((place) => !chosen.has(place))].slice(0, keep);
  });

/** What `choose` takes of the (ascending) members of each cluster, as places among them; cluster 0 first. */
function perCluster(
  labels: ArrayLike<number>,
  quota: Uint32Array,
  choose: (members: readonly number[], keep: number) => ArrayLike<number>,
): Uint32Array {
  const members = Array.from(quota, (): number[] => []);
  for (let i = 0; i < labels.length; i++) members[labels[i]].push(i);
  const selected = members.flatMap((rows, cluster) =>
    quota[cluster] === 0 ? [] : Array.from(choose(rows, quota[cluster]), (place) => rows[place]),
  );
  return Uint32Array.from(selected);
}
