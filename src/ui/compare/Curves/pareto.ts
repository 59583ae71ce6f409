/** A setting: what it costs and what it gives. */
export interface Tradeoff {
  readonly cost: number;
  readonly gain: number;
}

/** The points that no other beats: none costs at most as much and gives at least as much, one of the two strictly. By
 *  rising cost; of equal points the first one stands for all. */
export function paretoFront<T extends Tradeoff>(points: readonly T[]): readonly T[] {
  const sorted = [...points].sort((a, b) => a.cost - b.cost || b.gain - a.gain);
  let best = Number.NEGATIVE_INFINITY;
  return sorted.filter(({ gain }) => {
    if (gain <= best) return false;
    best = gain;
    return true;
  });
}
