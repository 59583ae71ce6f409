import type { CurvePoint, LookPoint } from "#runs/run.ts";

/** Steps that a smoothed value is the mean of. */
const WINDOW = 20;
/** Points that are drawn at most: a chart has no more columns of pixels. */
const MOST_POINTS = 1500;

/** Steps, loss of each, mean of the last WINDOW, and held-out loss, as columns. Of a long run every k-th step is drawn, and every
 *  look. */
export function lossData(
  curve: readonly CurvePoint[],
  looks: readonly LookPoint[],
): [number[], (number | null)[], (number | null)[], (number | null)[]] {
  const held = new Map(looks.map(({ step, heldOutLoss }) => [step, heldOutLoss]));
  const stride = Math.max(1, Math.ceil(curve.length / MOST_POINTS));
  const rows = new Map<number, [number | null, number | null]>();
  let sum = 0;
  curve.forEach(({ step, loss }, at) => {
    sum += loss - (curve[at - WINDOW]?.loss ?? 0);
    const mean = sum / Math.min(at + 1, WINDOW);
    if (at % stride === 0 || at === curve.length - 1 || held.has(step)) rows.set(step, [loss, mean]);
  });
  for (const step of held.keys()) if (!rows.has(step)) rows.set(step, [null, null]);
  const steps = [...rows.keys()].sort((a, b) => a - b);
  return [
    steps,
    steps.map((step) => rows.get(step)?.[0] ?? null),
    steps.map((step) => rows.get(step)?.[1] ?? null),
    steps.map((step) => held.get(step) ?? null),
  ];
}

/** Steps, s_norm, and the ends of its interval, as columns. A run begins as its base, whose pictures are its own: s_norm is 1 there,
 *  and nobody draws them twice to see it. */
export function similarityData(looks: readonly LookPoint[]): [number[], number[], number[], number[]] {
  const known = looks.flatMap(({ step, similarity }) =>
    similarity ? [{ step, ...similarity.sNormalised }] : [],
  );
  const [first] = looks;
  if (known.length > 0 && first?.step === 0 && !first.similarity)
    known.unshift({ step: 0, value: 1, low: 1, high: 1, blocks: [1] });
  return [
    known.map(({ step }) => step),
    known.map(({ value }) => value),
    known.map(({ high }) => high),
    known.map(({ low }) => low),
  ];
}
