/** A list of seeds as people of this field type it: "1,2,5-8". Ranges include both ends. */
export type SeedList =
  | { readonly ok: true; readonly seeds: number[] }
  | { readonly ok: false; readonly reason: string };

const MOST = 1024;

/** Never throws. Refuses what is not a whole number 0 … 2⁵³−1, a range that runs backwards, and more than 1,024. */
export function parseSeeds(text: string): SeedList {
  const seeds: number[] = [];
  for (const part of text.split(",").map((word) => word.trim())) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) return { ok: false, reason: `'${part}' is neither a seed nor a range like 5-8.` };
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last))
      return { ok: false, reason: `'${part}' is beyond the largest seed, ${Number.MAX_SAFE_INTEGER}.` };
    if (last < first) return { ok: false, reason: `The range '${part}' runs backwards.` };
    if (last - first + 1 + seeds.length > MOST)
      return { ok: false, reason: `'${text}' is more than ${MOST} seeds.` };
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  return { ok: true, seeds };
}
