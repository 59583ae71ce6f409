import { percentiles, RESAMPLING, type Resampling, resampledCounts } from "./bootstrap.ts";
import { cosine, pairedCosines } from "./cosine.ts";
import { assertSameCount } from "./features.ts";
import { normalised } from "./similarity.ts";

/** Fewest seeds that an interval is told for: of three, a resample leaves so little that its ends are those of chance. */
export const LEAST_SEEDS = 4;

/** How alike two models draw a handful of seeds. */
export interface SeedSimilarity {
  readonly s: number;
  /** Null where a picture is the only one of its class: it has no stranger. */
  readonly sUnrelated: number | null;
  /** Null without sUnrelated, and where strangers are all alike. */
  readonly sNormalised: number | null;
  /** 95 % interval of sNormalised; null with fewer than LEAST_SEEDS seeds. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** Same-seed similarity of few seeds, where one shuffle, as `similarity` takes, would be a matter of luck:
 *  s = mean_i cos(a_i, b_i), and s_unrel over all strangers, Σ_c n_c/n · mean over i ≠ j of class c of cos(a_i, b_j), which
 *  is the mean of `similarity`'s s_unrel over all derangements, and the same from b to a.
 *  The interval resamples seeds: s of those that are taken, strangers of all pairs of them that have different seeds; a
 *  resample without such a pair is left out.
 *  a, b: n features of one size, row i of both from seed i; labels: the class of each.
 *  Throws MetricError (CountsDiffer, SizesDiffer, NotFinite, NoDirection, TooFewSamples for one seed), SeedError.
 *  Source: method §8. */
export function seedSimilarity(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  labels: readonly number[],
  resampling: Resampling = RESAMPLING,
): SeedSimilarity {
  assertSameCount("labels of seeds", a.length, labels.length);
  const same = pairedCosines(a, b);
  const [counts] = resampledCounts([a.length], resampling);
  const classes = classesOf(labels).map((members) => ({ members, cosines: cosinesIn(members, a, b) }));
  const once = new Int32Array(a.length).fill(1);
  const s = meanOf(same, once);
  if (classes.some(({ members }) => members.length < 2))
    return { s, sUnrelated: null, sNormalised: null, interval: null };
  const sUnrelated = strangersMean(classes, once);
  const sNormalised = normalisedOf(s, sUnrelated);
  const replicates: number[] = [];
  for (let r = 0; r < resampling.resamples && a.length >= LEAST_SEEDS; r++) {
    const taken = counts.subarray(r * a.length, (r + 1) * a.length);
    const value = normalisedOf(meanOf(same, taken), strangersMean(classes, taken));
    if (value !== null) replicates.push(value);
  }
  const { low, high } = percentiles(Float64Array.from(replicates));
  const hasInterval = sNormalised !== null && replicates.length > 0;
  return { s, sUnrelated, sNormalised, interval: hasInterval ? [low, high] : null };
}

/** Pictures of one class, by index, and the cosine of each a of them (rows) with each b (columns). */
interface ClassCosines {
  readonly members: readonly number[];
  readonly cosines: Float64Array;
}

function classesOf(labels: readonly number[]): readonly (readonly number[])[] {
  const classes = new Map<number, number[]>();
  labels.forEach((label, i) => {
    classes.set(label, [...(classes.get(label) ?? []), i]);
  });
  return [...classes.values()];
}

function cosinesIn(
  members: readonly number[],
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): Float64Array {
  const size = members.length;
  return Float64Array.from({ length: size * size }, (_, k) => {
    const [i, j] = [members[Math.floor(k / size)], members[k % size]];
    return cosine(a[i], b[j], i);
  });
}

const meanOf = (values: Float64Array, taken: Int32Array): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += taken[i] * values[i];
  return sum / values.length;
};

/** Mean cosine of strangers, picture i taken `taken[i]` times; a class counts as often as its pictures are taken. Null
 *  where no two taken pictures of a class differ in their seed. */
function strangersMean(classes: readonly ClassCosines[], taken: Int32Array): number | null {
  let sum = 0;
  let weight = 0;
  for (const { members, cosines } of classes) {
    let inClass = 0;
    let pairs = 0;
    let size = 0;
    members.forEach((i, row) => {
      size += taken[i];
      if (taken[i] === 0) return;
      members.forEach((j, column) => {
        if (i === j) return;
        inClass += taken[i] * taken[j] * cosines[row * members.length + column];
        pairs += taken[i] * taken[j];
      });
    });
    if (pairs === 0) continue;
    sum += (size * inClass) / pairs;
    weight += size;
  }
  return weight === 0 ? null : sum / weight;
}

/** Strangers nearer to each other than this are one picture: there is nothing to normalise by. */
const ALL_ALIKE = 1e-9;

const normalisedOf = (s: number, sUnrelated: number | null): number | null =>
  sUnrelated === null || 1 - sUnrelated < ALL_ALIKE ? null : normalised(s, sUnrelated);
