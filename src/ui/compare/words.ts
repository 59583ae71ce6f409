import { type AxisError, type AxisName, CELLS_PER_PANEL } from "#compare/axis.ts";
import type { CellView, SettingsProblem } from "#compare/settings.ts";
import { LEAST_SEEDS } from "#metrics/seedSimilarity.ts";
import type {
  CellNumbers,
  Cost,
  Drawing,
  NoiseFloor,
  RunState,
  TimeEstimate,
} from "#state/compare/comparison.ts";
import { errorWords, type Words } from "#ui/shared/errorWords.ts";
import { aboutText, durationText } from "#ui/shared/format.ts";
import type { BackendName, EngineError, Evaluations } from "#workers/protocol.ts";
import { figureText, METRIC_NAMES, METRICS, metricText } from "./metrics.ts";

/** How values of an axis may be typed, as an example. */
export const AXIS_EXAMPLES: Readonly<Record<AxisName, string>> = {
  seed: "1-4, 7, 10-30 (+5)",
  class: "micah, lorelei",
  model: "light, c2f, heavy",
  variant: "light, zoo-base",
  tau: "0-1 [5] or 0.3, 0.7",
  steps: "60, 30, 15",
  solver: "euler, heun",
  guidance: "1, 1.5, 3",
};

/** What one value of an axis is called. */
const VALUE_NAMES: Readonly<Record<AxisName, string>> = {
  seed: "a seed",
  class: "a class",
  model: "a model",
  variant: "the name of a model",
  tau: "a switch time",
  steps: "a number of steps",
  solver: "a solver",
  guidance: "a guidance",
};

/** Why a text is no axis, with what would be. */
export function axisErrorText(error: AxisError): string {
  switch (error.kind) {
    case "Empty":
      return `Needs at least one value, for instance ${AXIS_EXAMPLES[error.axis]}.`;
    case "NotAValue":
      return `“${error.text}” is not ${VALUE_NAMES[error.axis]}. For instance: ${AXIS_EXAMPLES[error.axis]}.`;
    case "OutOfRange":
      return `“${error.text}” leaves the range ${error.min} to ${error.max}.`;
    case "NotWhole":
      return `“${error.text}” gives values that are not whole numbers.`;
    case "StepLeadsAway":
      return `The step of “${error.text}” never arrives at its end.`;
    case "NoRange":
      return `“${error.text}”: names cannot be counted through. List them with commas.`;
    case "TooMany":
      return `${error.count} values; ${error.max} are the most.`;
    case "TooLong":
      return `More than ${error.max} characters are not read. Ranges are shorter, for instance 1-100.`;
    default:
      return error satisfies never;
  }
}

/** Why axes and settings make no grid together. */
export function problemText(problem: SettingsProblem): string {
  switch (problem.kind) {
    case "SameAxis":
      return "Two axes change the same thing. Choose another for one of them.";
    case "TooManyCells":
      return problem.max === CELLS_PER_PANEL
        ? `${problem.cells} pictures in one panel; ${problem.max} are the most. Shorten an axis.`
        : `${problem.cells} pictures; ${problem.max} are the most. Shorten an axis.`;
    case "UnknownClass":
      return `There is no class “${problem.name}”. There are ${problem.known.join(", ")}.`;
    case "UnknownModel":
      return problem.reason;
    default:
      return problem satisfies never;
  }
}

export const VIEW_WORDS: Readonly<Record<CellView, { readonly label: string; readonly hint: string }>> = {
  image: { label: "Image", hint: "The pictures as they are" },
  difference: { label: "Difference", hint: "Where each picture differs from the one it is compared with" },
  blink: { label: "Blink", hint: "Each picture and the one it is compared with, in turns" },
  slider: { label: "Slider", hint: "The compared picture on the left of a line, each picture on its right" },
};

/** Where the grid stands, in a few words. */
export function runText(run: RunState, done: number, all: number): string {
  const pictures = `${done} of ${all} pictures`;
  switch (run.status) {
    case "idle":
      return done === 0 ? "Not started" : `Stopped at ${pictures}`;
    case "asks":
      return "Waiting for your word";
    case "loading":
      return "Loading the models";
    case "running":
      return pictures;
    case "paused":
      return `Paused at ${pictures}`;
    case "finished":
      return `${all} ${all === 1 ? "picture" : "pictures"} in ${durationText(run.ms)}`;
    case "failed":
      return `Interrupted at ${pictures}`;
    default:
      return run satisfies never;
  }
}

/** "about 40 s", "roughly 2 min". */
export const estimateText = ({ ms, basis }: TimeEstimate): string =>
  `${basis === "measured" ? "about" : "roughly"} ${aboutText(ms)}`;

const total = ({ light, heavy }: Evaluations): number => light + heavy;
const grouped = new Intl.NumberFormat("en");

/** What the grid costs in function evaluations, and the words after that number: before the start what drawing each cell
 *  for itself would cost, on the way what has been spent, after a change what is left, and in the end what it was. */
export function costWords(
  { planned, naive, kept, spent, left }: Cost,
  status: RunState["status"],
): { readonly nfe: string; readonly words: string } {
  const finished = status === "finished" && total(kept) === 0;
  const nfe = total(finished ? spent : planned);
  const instead = total(naive) > nfe ? ` instead of ${grouped.format(total(naive))}` : "";
  const saved = 1 - nfe / Math.max(1, total(naive));
  const share = saved > 0 ? ` (−${Math.round(saved * 100)} %)` : "";
  const rest = () => {
    if (status === "running" || status === "loading") return `, ${grouped.format(total(spent))} spent`;
    if (total(left) > 0 && total(left) < total(planned)) return `, ${grouped.format(total(left))} left`;
    return status === "finished" && total(kept) > 0 ? `, ${grouped.format(total(spent))} spent now` : share;
  };
  return { nfe: grouped.format(nfe), words: ` NFE${finished ? " spent" : ""}${instead}${rest()}` };
}

/** The figures of a cell as a list of words: "SSIM 0.871, PSNR 23.4 dB". */
export function figuresText(numbers: CellNumbers): string {
  return METRIC_NAMES.flatMap((name) => {
    const value = METRICS[name].of(numbers);
    if (value === null) return [];
    if (value === Number.POSITIVE_INFINITY) return [`${METRICS[name].title} infinite`];
    return [`${METRICS[name].title} ${metricText(METRICS[name], value)}`];
  }).join(", ");
}

/** Whether something is being done for the grid, or will be without being asked. */
export const isUnderWay = ({ status }: RunState): boolean =>
  status === "running" || status === "loading" || status === "asks";

/** Steps of a trajectory that are there already, though nothing is done for it now; 0 for one that has not begun. */
const stepsKept = (drawing: Drawing | undefined): number => (drawing?.track.points.at(-1)?.step ?? -1) + 1;

/** What is going on in a place without a finished picture, in a word or two. underWay: something is done for the grid. */
export function placeText(drawing: Drawing | undefined, underWay: boolean): string {
  switch (drawing?.status) {
    case undefined:
    case "waiting":
      return underWay || stepsKept(drawing) === 0 ? "" : "unfinished";
    case "running":
      return `${drawing.step} / ${drawing.of}`;
    case "drawn":
      return underWay ? "decoding" : "not decoded";
    case "failed":
      return "failed";
    case "finished":
      return "";
    default:
      return drawing satisfies never;
  }
}

/** A cell in a sentence, after its name. against: name of the cell it is compared with; null for a reference. underWay:
 *  something is done for the grid. */
export function describeCell(
  drawing: Drawing | undefined,
  numbers: CellNumbers | null,
  against: string | null,
  underWay: boolean,
): string {
  switch (drawing?.status) {
    case undefined:
    case "waiting":
      if (underWay) return "Waiting.";
      return stepsKept(drawing) === 0 ? "Not drawn." : "Unfinished.";
    case "running":
      return `Step ${drawing.step} of ${drawing.of}.`;
    case "drawn":
      return underWay ? "Being decoded." : "Not decoded.";
    case "failed":
      return "Failed. Press R to try again.";
    case "finished": {
      if (against === null) return "The reference.";
      const figures = numbers ? figuresText(numbers) : "";
      return figures === "" ? `Compared with ${against}.` : `Compared with ${against}: ${figures}.`;
    }
    default:
      return drawing satisfies never;
  }
}

/** What is said of intervals over so many seeds. */
export const intervalsText = (seeds: number): string =>
  seeds < LEAST_SEEDS
    ? `There are no intervals: they need ${LEAST_SEEDS} seeds or more.`
    : "Intervals are 95 %, from resampled seeds.";

/** Why the grid could not go on, in words. WebAssembly is no way out for what already runs on it. */
export function troubleWords(error: EngineError, backend: BackendName | null): Words {
  const words = errorWords(error);
  if (words.remedy.do !== "use-wasm" || backend === "webgpu") return words;
  const text =
    error.kind === "OutOfMemory"
      ? `Even ${error.batch === 1 ? "a single picture" : `${error.batch} pictures`} at a time did not fit. Closing other tabs may help. What is finished stays.`
      : words.text;
  return { ...words, text, remedy: error.kind === "OutOfMemory" ? { do: "none" } : { do: "restart" } };
}

/** What the noise floor of this grid is. */
export function floorText({ sNorm, interval, from }: NoiseFloor): string {
  const value = figureText(sNorm, 3);
  const range = interval ? ` (95 %: ${figureText(interval[0], 3)} … ${figureText(interval[1], 3)})` : "";
  const where = from === "zoo" ? "measured over many seeds beforehand" : "from the cells of this grid";
  return `Noise floor: two trainings of one recipe that differ in their random seed alone have a normalised similarity of ${value}${range}, ${where}. What lies in the band cannot be told from chance.`;
}
