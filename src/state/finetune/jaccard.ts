/** Selections that are compared before anything else gets a turn. */
const PAIRS_AT_ONCE = 8;

/** |A ∩ B| / |A ∪ B| of every two selections out of `samples`, row by row, symmetric, 1 for two empty ones; given again and again
 *  while it fills. pause: lets something else have a turn. */
export async function* jaccardTable(
  selections: readonly Uint32Array[],
  samples: number,
  pause: () => Promise<void>,
): AsyncGenerator<readonly (readonly (number | null)[])[]> {
  const masks = selections.map((kept) => {
    const mask = new Uint8Array(samples);
    for (const index of kept) mask[index] = 1;
    return mask;
  });
  const table = selections.map(() => selections.map((): number | null => null));
  let pairs = 0;
  for (const [i, a] of masks.entries())
    for (let j = 0; j <= i; j++) {
      const value = jaccard(a, masks[j] ?? a);
      for (const [row, column] of [
        [i, j],
        [j, i],
      ] as const) {
        const cells = table[row];
        if (cells) cells[column] = value;
      }
      if (++pairs % PAIRS_AT_ONCE > 0) continue;
      yield table.map((cells) => [...cells]);
      await pause();
    }
  yield table.map((cells) => [...cells]);
}

function jaccard(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i];
    either += a[i] | b[i];
  }
  return either === 0 ? 1 : both / either;
}
