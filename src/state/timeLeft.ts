import { type Family, findModel } from "#checkpoints/manifest.ts";
import type { Batch, Pace, Run } from "./batch.ts";
import { forecastOf } from "./forecast.ts";

/** How much dearer a heavy step is than a light one where neither has been timed: by the number of weights. */
export function heavyToLight(family: Family): number {
  const light = findModel(family, "light")?.parameters;
  const heavy = findModel(family, "heavy")?.parameters;
  return light && heavy ? heavy / light : 1;
}

/** Solver steps of one group that must have been seen before a time is named. */
const FIRST_STEPS = 3;

/** Time until the batch is done, as far as it can be told. */
export interface TimeLeft {
  readonly ms: number;
  /** The heavy network has not run yet, so its pace is guessed from its size. */
  readonly guessed: boolean;
}

const meanMs = (pace: Pace): number | null => (pace.steps > 0 ? pace.ms / pace.steps : null);

interface StepsLeft {
  readonly light: number;
  readonly heavy: number;
}

/** Steps of groups that a run has still to make; a group is the images that are sampled side by side. */
function stepsLeft(batch: Batch, run: Run): StepsLeft {
  const { steps } = forecastOf({ ...batch.settings, model: run.model });
  const images = batch.seeds.length;
  const column = run.draft ? 0 : batch.models.indexOf(run.model);
  const cells = batch.seeds.map((_, k) => batch.cells[k * batch.models.length + column]);
  const sampling = cells.find((cell) => cell?.status === "sampling");
  const untouched =
    run.status === "running"
      ? cells.filter((cell) => cell?.status === "waiting" && !cell.draft).length
      : images;
  const begun = run.status === "running" && sampling?.status === "sampling" ? steps.slice(sampling.step) : [];
  const groups = Math.ceil(untouched / Math.max(1, batch.group));
  const count = (which: "light" | "heavy", list: readonly string[]) =>
    list.filter((one) => one === which).length;
  return {
    light: count("light", begun) + groups * count("light", steps),
    heavy: count("heavy", begun) + groups * count("heavy", steps),
  };
}

/** Estimate from the pace of the steps so far; null until FIRST_STEPS are through or while nothing runs.
 *  heavyToLight: how much dearer a heavy step is where none has been timed, by the number of weights. Decoding is not in it. */
export function timeLeft(batch: Batch, heavyToLight: number): TimeLeft | null {
  if (batch.state.status !== "active") return null;
  if (!batch.runs.some((run) => run.status === "running")) return null;
  if (batch.pace.light.steps + batch.pace.heavy.steps < FIRST_STEPS) return null;
  const light = meanMs(batch.pace.light);
  const heavy = meanMs(batch.pace.heavy);
  const lightMs = light ?? (heavy ?? 0) / heavyToLight;
  const heavyMs = heavy ?? lightMs * heavyToLight;
  const open = batch.runs.filter((run) => run.status === "running" || run.status === "pending");
  const left = open
    .map((run) => stepsLeft(batch, run))
    .reduce((sum, one) => ({ light: sum.light + one.light, heavy: sum.heavy + one.heavy }), {
      light: 0,
      heavy: 0,
    });
  return {
    ms: left.light * lightMs + left.heavy * heavyMs,
    guessed: (left.heavy > 0 && heavy === null) || (left.light > 0 && light === null),
  };
}

/** Share of the batch's solver steps that are made, 0 … 1, weighted by what a step of each network costs. */
export function shareDone(batch: Batch, heavyToLight: number): number {
  if (batch.state.status === "finished") return 1;
  const cost = (left: StepsLeft) => left.light + left.heavy * heavyToLight;
  const whole = batch.runs
    .filter((run) => run.status !== "cancelled")
    .map((run) => {
      const all = cost(stepsLeft({ ...batch, group: 1 }, { ...run, status: "pending" }));
      const left = run.status === "finished" ? 0 : runLeft(batch, run, heavyToLight);
      return { all, left };
    })
    .reduce((sum, one) => ({ all: sum.all + one.all, left: sum.left + one.left }), { all: 0, left: 0 });
  return whole.all === 0 ? 0 : 1 - whole.left / whole.all;
}

/** Cost that a run has still to make, counted image by image. */
function runLeft(batch: Batch, run: Run, heavyToLight: number): number {
  const { steps } = forecastOf({ ...batch.settings, model: run.model });
  const column = run.draft ? 0 : batch.models.indexOf(run.model);
  const costFrom = (step: number) =>
    steps.slice(step).reduce((sum, served) => sum + (served === "heavy" ? heavyToLight : 1), 0);
  return batch.seeds.reduce((sum, _, k) => {
    const cell = batch.cells[k * batch.models.length + column];
    if (run.status !== "running" || !cell) return sum + costFrom(0);
    if (cell.status === "sampling") return sum + costFrom(cell.step);
    const waits = cell.status === "waiting" && !(run.draft && cell.draft);
    return waits ? sum + costFrom(0) : sum;
  }, 0);
}
