import { fail, ok, type Result } from "#bytes/result.ts";
import { isModelText } from "#checkpoints/modelText.ts";
import { isSolverName } from "#flow/solvers/names.ts";
import { type Axis, type AxisError, type AxisName, CELLS_IN_ALL } from "./axis.ts";

/** Where numbers of an axis may lie; the same limits as on the Generate page. */
export const NUMBER_AXES = {
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
  tau: { min: 0, max: 1, whole: false },
  steps: { min: 2, max: 1000, whole: true },
  guidance: { min: 0, max: 20, whole: false },
} as const;
type NumberAxis = keyof typeof NUMBER_AXES;

const isNumberAxis = (name: AxisName): name is NumberAxis => name in NUMBER_AXES;

/** A class or a model as manifests write them; keeps markup of a hostile link out. */
const isName = (text: string): boolean => /^[\w.-]{1,64}$/.test(text);

/** Longest text of an axis that is read: 256 seeds of sixteen digits. */
const LONGEST_TEXT = 5000;

const NUMBER = String.raw`(?:\d{1,16}(?:\.\d{0,12})?|\.\d{1,12})(?:e-\d{1,2})?`;
const ONE = new RegExp(`^${NUMBER}$`);
const RANGE = new RegExp(
  String.raw`^(${NUMBER}) ?[-–] ?(${NUMBER})(?: ?\( ?([+-−–]?) ?(${NUMBER}) ?\)| ?\[ ?(\d{1,6}) ?\])?$`,
);

/** Digits kept of a value that falls between two others: 0-1 [4] is 0, 0.333333, 0.666667, 1. */
const PLACED_DIGITS = 6;

const decimalsOf = (text: string): number => {
  const [mantissa = "", exponent = "0"] = text.split("e-");
  return (mantissa.split(".")[1]?.length ?? 0) + Number(exponent);
};

interface Range {
  readonly first: number;
  readonly count: number;
  readonly at: (k: number) => number;
}

/** The values of `a-b`, `a-b (+step)` and `a-b [count]`; undefined for a step that leads away from b or stands still. */
function rangeOf([, from = "", to = "", sign = "", by, places]: readonly string[]): Range | undefined {
  const first = Number(from);
  const last = Number(to);
  if (places !== undefined) {
    const count = Number(places);
    if (count === 0) return undefined;
    const gap = count === 1 ? 0 : (last - first) / (count - 1);
    const at = (k: number) =>
      k === 0 ? first : k === count - 1 ? last : Number((first + k * gap).toPrecision(PLACED_DIGITS));
    return { first, count, at };
  }
  const towards = last < first ? -1 : 1;
  const asked = sign === "" ? towards : sign === "+" ? 1 : -1;
  const size = Number(by ?? "1");
  if (size === 0 || (asked !== towards && first !== last)) return undefined;
  // Sums of decimal fractions are rounded back to their digits: 3 · 0.1 is 0.3.
  const digits = Math.min(20, Math.max(decimalsOf(from), decimalsOf(by ?? "1")));
  return {
    first,
    count: Math.floor(Math.abs(last - first) / size + 1e-9) + 1,
    at: (k) => Number((first + k * towards * size).toFixed(digits)),
  };
}

const shortened = (text: string) => text.slice(0, 40);

function parseNumbers(name: NumberAxis, pieces: readonly string[]): Result<readonly number[], AxisError> {
  const { min, max, whole } = NUMBER_AXES[name];
  const values = new Set<number>();
  for (const piece of pieces) {
    const text = shortened(piece);
    const match = RANGE.exec(piece);
    if (!match && !ONE.test(piece)) return fail({ kind: "NotAValue", axis: name, text });
    const range = match ? rangeOf(match) : { first: Number(piece), count: 1, at: () => Number(piece) };
    if (!range) return fail({ kind: "StepLeadsAway", axis: name, text });
    if (range.count > CELLS_IN_ALL)
      return fail({ kind: "TooMany", axis: name, count: range.count, max: CELLS_IN_ALL });
    const spread = whole && match?.[5] !== undefined;
    for (let k = 0; k < range.count; k++) {
      const value = spread ? Math.round(range.at(k)) : range.at(k);
      if (!(value >= min && value <= max)) return fail({ kind: "OutOfRange", axis: name, text, min, max });
      if (whole && !Number.isSafeInteger(value)) return fail({ kind: "NotWhole", axis: name, text });
      values.add(value);
    }
  }
  return ok([...values]);
}

function parseTexts<T extends string>(
  name: AxisName,
  pieces: readonly string[],
  isValue: (text: string) => text is T,
): Result<readonly T[], AxisError> {
  const values = new Set<T>();
  for (const piece of pieces) {
    if (/[([]/.test(piece)) return fail({ kind: "NoRange", axis: name, text: shortened(piece) });
    if (!isValue(piece)) return fail({ kind: "NotAValue", axis: name, text: shortened(piece) });
    values.add(piece);
  }
  return ok([...values]);
}

/** Numbers that stand beside each other with a space alone get the comma that was meant: ".5 .7", "1-4 7". */
const separated = (name: AxisName, text: string): string =>
  isNumberAxis(name) ? text.replace(/([\d.)\]]) (?=[\d.])/g, "$1, ") : text;

/** An axis from what a reader types: values and ranges with commas between them, each value once, in the order typed.
 *  Numbers, also with spaces between them: `7`, `.5`, `1-4` (by ones), `1-10 (+3)`, `10-1 (-3)`, `0-1 [5]` (five evenly from 0 to 1; whole numbers are rounded);
 *  `e-3` is allowed, a decimal comma is not. Names, solvers and models: a list. Total: never throws. Whether the family
 *  has these classes and models is for `gridOf` to say. */
export function parseAxis(name: AxisName, typed: string): Result<Axis, AxisError> {
  if (typed.length > LONGEST_TEXT) return fail({ kind: "TooLong", axis: name, max: LONGEST_TEXT });
  const text = separated(name, typed.trim().replace(/\s+/g, " "));
  const pieces = text
    .split(",")
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
  if (pieces.length === 0) return fail({ kind: "Empty", axis: name });
  const made = valuesOf(name, text, pieces);
  if (!made.ok) return made;
  const count = made.value.values.length;
  return count > CELLS_IN_ALL ? fail({ kind: "TooMany", axis: name, count, max: CELLS_IN_ALL }) : made;
}

function valuesOf(name: AxisName, text: string, pieces: readonly string[]): Result<Axis, AxisError> {
  if (isNumberAxis(name)) {
    const numbers = parseNumbers(name, pieces);
    return numbers.ok ? ok({ name, text, values: numbers.value }) : numbers;
  }
  if (name === "solver") {
    const solvers = parseTexts(name, pieces, isSolverName);
    return solvers.ok ? ok({ name, text, values: solvers.value }) : solvers;
  }
  const isValue = name === "model" ? isModelText : isName;
  const texts = parseTexts(name, pieces, (piece): piece is string => isValue(piece));
  return texts.ok ? ok({ name, text, values: texts.value }) : texts;
}

/** An axis of values that are known to be in order, as a preset has them. Throws RangeError where they are not. */
export function axisOf(name: AxisName, text: string): Axis {
  const axis = parseAxis(name, text);
  if (!axis.ok) throw new RangeError(`${axis.error.kind} in the ${name} axis '${text}'`);
  return axis.value;
}
