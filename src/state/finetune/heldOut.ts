/** Pictures that no run trains on, so that its loss can be measured on them: the `count` of lowest pixel hash, ascending. A hash
 *  is as good as a die, needs no seed, and chooses the same pictures when the set is imported again. At least one picture is
 *  left to train on. */
export function heldOutOf(pixelHashes: readonly string[], count: number): Uint32Array {
  const order = pixelHashes.map((_, index) => index);
  order.sort((a, b) => compare(pixelHashes[a] ?? "", pixelHashes[b] ?? "") || a - b);
  const most = Math.max(0, Math.min(count, pixelHashes.length - 1));
  return Uint32Array.from(order.slice(0, most)).sort();
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The pictures of `kept` that are not held out. */
export function trainedOn(kept: Uint32Array, heldOut: Uint32Array): Uint32Array {
  const out = new Set(heldOut);
  return kept.filter((index) => !out.has(index));
}
