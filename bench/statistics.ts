/** Median, spread and count of repeated measurements in milliseconds. */
export interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly count: number;
}

export function summarise(samplesMs: readonly number[]): Timing {
  const sorted = [...samplesMs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const medianMs = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { medianMs, minMs: sorted[0], maxMs: sorted[sorted.length - 1], count: sorted.length };
}

/** Runs every named task once a round, in turn, so that a slow minute of the machine falls on all of them alike. The
 *  first `warmups` rounds are not counted. */
export async function alternate<K extends string>(
  tasks: Readonly<Record<K, () => Promise<number>>>,
  rounds: number,
  warmups: number,
): Promise<Record<K, Timing>> {
  const names = Object.keys(tasks) as K[];
  const samples = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = -warmups; round < rounds; round++) {
    for (const name of names) {
      const ms = await tasks[name]();
      if (round >= 0) samples.get(name)?.push(ms);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarise(samples.get(name) ?? [])])) as Record<
    K,
    Timing
  >;
}
