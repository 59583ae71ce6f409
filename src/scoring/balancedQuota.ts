/** How many of each cluster are kept when all are to have the same number, by water-filling: what is left is shared
 *  equally over the open clusters; those not larger than the share are taken whole; again, until none is. What does not
 *  divide in the last round goes one each to the open clusters of lowest index. Sum: min(total, Σ sizes).
 *  Source: method §6; golden 06_balanced_quota. */
export function balancedQuota(sizes: ArrayLike<number>, total: number): Uint32Array {
  const quota = new Uint32Array(sizes.length);
  let open = Array.from(sizes, (_, cluster) => cluster).filter((cluster) => sizes[cluster] > 0);
  let left = Math.min(
    total,
    open.reduce((sum, cluster) => sum + sizes[cluster], 0),
  );
  while (open.length > 0) {
    const share = Math.floor(left / open.length);
    const whole = open.filter((cluster) => sizes[cluster] <= share);
    if (whole.length === 0) {
      const more = left - share * open.length;
      open.forEach((cluster, place) => {
        quota[cluster] = share + (place < more ? 1 : 0);
      });
      break;
    }
    for (const cluster of whole) {
      quota[cluster] = sizes[cluster];
      left -= sizes[cluster];
    }
    open = open.filter((cluster) => sizes[cluster] > share);
  }
  return quota;
}
