import type { Distance } from "#state/finetune/distance.ts";
import type { LiveRun } from "#state/finetune/training.ts";
import { durationText } from "#ui/shared/format.ts";

export interface ReportRow {
  readonly title: string;
  readonly hint: string;
  /** One for each run. */
  readonly values: readonly string[];
}

interface Figure {
  readonly title: string;
  readonly hint: string;
  readonly of: (run: LiveRun) => string;
}

const UNKNOWN = "–";
const digits = (value: number | null | undefined): string => (value == null ? UNKNOWN : value.toFixed(3));

const heldOutLosses = ({ looks }: LiveRun): readonly number[] =>
  looks.flatMap(({ heldOutLoss }) => (heldOutLoss === null ? [] : [heldOutLoss]));

const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
};

/** Steps whose losses are averaged at the end. */
const LAST = 20;

const FIGURES: readonly Figure[] = [
  {
    title: "Pictures trained on",
    hint: "Those that the criterion and the reader keep, without the held-out ones",
    of: ({ plan }) => String(plan.selection.kept.length),
  },
  { title: "Chosen by", hint: "How they were chosen", of: ({ plan }) => plan.selection.how },
  { title: "Steps", hint: "Steps made", of: ({ step }) => String(step) },
  {
    title: "Held-out loss",
    hint: "Flow-matching loss of pictures that no run has seen: at first, and at the end",
    of: (run) => {
      const losses = heldOutLosses(run);
      const [first] = losses;
      const last = losses[losses.length - 1];
      return losses.length > 1 ? `${digits(first)} → ${digits(last)}` : digits(last);
    },
  },
  {
    title: "Training loss",
    hint: `Mean of the last ${LAST} steps`,
    of: ({ curve }) => {
      const last = curve.slice(-LAST);
      return last.length === 0
        ? UNKNOWN
        : digits(last.reduce((sum, { loss }) => sum + loss, 0) / last.length);
    },
  },
  {
    title: "s_norm to the base",
    hint: "Normalised similarity of the same seeds to the base's pictures, with its 95 % interval",
    of: ({ looks }) => {
      const found = looks.findLast(({ similarity }) => similarity !== null)?.similarity?.sNormalised;
      return found ? `${digits(found.value)} (${digits(found.low)} … ${digits(found.high)})` : UNKNOWN;
    },
  },
  {
    title: "Time a step",
    hint: "Median over all steps",
    of: ({ curve }) => {
      const ms = median(curve.map((point) => point.ms));
      return ms === null ? UNKNOWN : durationText(ms);
    },
  },
  {
    title: "Time of all steps",
    hint: "Without looks",
    of: ({ curve }) =>
      curve.length === 0 ? UNKNOWN : durationText(curve.reduce((sum, { ms }) => sum + ms, 0)),
  },
];

/** Figures that were measured of drawn pictures against held-out ones; their lines are there once any was. */
const DISTANCES: readonly {
  readonly title: string;
  readonly hint: string;
  readonly of: (distance: Distance) => string;
}[] = [
  {
    title: "KD to held-out pictures",
    hint: "Kernel distance (KID's formula) in the features of the embedding network, times 1000; unbiased, so it may be below 0",
    of: ({ kernel, drawn, heldOut }) => `${(1000 * kernel).toFixed(2)} (${drawn} drawn, ${heldOut} held out)`,
  },
  {
    title: "FD to held-out pictures",
    hint: "Fréchet distance in the features of the embedding network; needs more pictures than there are features",
    of: ({ frechet, features, drawn, heldOut }) =>
      frechet === null
        ? `too few pictures: ${Math.min(drawn, heldOut)}, more than ${features} are needed`
        : `${digits(frechet)} (${drawn} drawn, ${heldOut} held out)`,
  },
];

/** What there is to say of runs in figures, line by line. distances: by run. */
export function reportRows(
  runs: readonly LiveRun[],
  distances: ReadonlyMap<string, Distance>,
): readonly ReportRow[] {
  const measured = runs.some(({ id }) => distances.has(id)) ? DISTANCES : [];
  return [
    ...FIGURES.map(({ title, hint, of }) => ({ title, hint, values: runs.map(of) })),
    ...measured.map(({ title, hint, of }) => ({
      title,
      hint,
      values: runs.map(({ id }) => {
        const distance = distances.get(id);
        return distance ? of(distance) : UNKNOWN;
      }),
    })),
  ];
}
