import { describe, expect, test } from "vitest";
import type { AxisName } from "#compare/axis.ts";
import { parseAxis } from "#compare/values.ts";

const valuesOf = (name: AxisName, text: string) => {
  const axis = parseAxis(name, text);
  return axis.ok ? axis.value.values : axis.error.kind;
};

describe("values of an axis are read as people of this field type them", () => {
  test.each<[AxisName, string, readonly unknown[]]>([
    ["seed", "7", [7]],
    ["seed", "1-4", [1, 2, 3, 4]],
    ["seed", "1–4", [1, 2, 3, 4]],
    ["seed", "4-1", [4, 3, 2, 1]],
    ["seed", "1-10 (+3)", [1, 4, 7, 10]],
    ["seed", "1-11(3)", [1, 4, 7, 10]],
    ["seed", "10-1 (-3)", [10, 7, 4, 1]],
    ["seed", "1-10 [4]", [1, 4, 7, 10]],
    ["seed", "1-10 [5]", [1, 3, 6, 8, 10]],
    ["seed", "1-3, 7, 20-22", [1, 2, 3, 7, 20, 21, 22]],
    ["seed", " 1 -  3 ,, 2, ", [1, 2, 3]],
    ["seed", "9007199254740991", [Number.MAX_SAFE_INTEGER]],
    ["tau", "0-1 [5]", [0, 0.25, 0.5, 0.75, 1]],
    ["tau", "0-1 [4]", [0, 0.333333, 0.666667, 1]],
    ["tau", "0, 0.3, 0.5, 0.7, 1", [0, 0.3, 0.5, 0.7, 1]],
    ["tau", "0-1 (+0.1)", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    ["tau", "1-0 (-0.25)", [1, 0.75, 0.5, 0.25, 0]],
    ["tau", "0.5-0.5", [0.5]],
    ["tau", "0-1 [1]", [0]],
    ["tau", "1e-3", [0.001]],
    ["tau", ".5 .70", [0.5, 0.7]],
    ["tau", "1., .25-.75 [3]", [1, 0.25, 0.5, 0.75]],
    ["seed", "1-4 7 10-20 (+5) 3", [1, 2, 3, 4, 7, 10, 15, 20]],
    ["guidance", "1-3 (+0.5)", [1, 1.5, 2, 2.5, 3]],
    ["steps", "60, 30, 10", [60, 30, 10]],
    ["solver", "euler, heun", ["euler", "heun"]],
    ["class", "micah, openPeeps", ["micah", "openPeeps"]],
    ["model", "light, c2f:zoo-half, c2f:a:b", ["light", "c2f:zoo-half", "c2f:a:b"]],
    ["variant", "zoo-base, zoo-half, zoo-base", ["zoo-base", "zoo-half"]],
  ])("%s %j", (name, text, values) => {
    expect(valuesOf(name, text)).toEqual(values);
  });
});

describe("a text that is no axis is refused by name", () => {
  test.each<[AxisName, string, string]>([
    ["seed", "", "Empty"],
    ["seed", " , ", "Empty"],
    ["seed", "one", "NotAValue"],
    ["seed", "1-", "NotAValue"],
    ["tau", ".", "NotAValue"],
    ["seed", "1,".repeat(2501), "TooLong"],
    ["seed", "-3", "NotAValue"],
    ["seed", "1-4 (+)", "NotAValue"],
    ["seed", "1-4 []", "NotAValue"],
    ["seed", "1.5", "NotWhole"],
    ["seed", "9007199254740992", "OutOfRange"],
    ["seed", "1-4 (-1)", "StepLeadsAway"],
    ["seed", "4-1 (+1)", "StepLeadsAway"],
    ["seed", "1-4 (+0)", "StepLeadsAway"],
    ["seed", "1-4 [0]", "StepLeadsAway"],
    ["seed", "1-1000000000", "TooMany"],
    ["seed", "1-600, 1001-1600", "TooMany"],
    ["tau", "1.1", "OutOfRange"],
    ["tau", "0,5-1,5", "OutOfRange"],
    ["steps", "1-3", "OutOfRange"],
    ["guidance", "0-30", "OutOfRange"],
    ["solver", "euler, dopri5", "NotAValue"],
    ["solver", "euler-heun", "NotAValue"],
    ["class", "a [5]", "NoRange"],
    ["class", "<b>", "NotAValue"],
    ["model", "c2f:", "NotAValue"],
    ["variant", "c2f:zoo-half", "NotAValue"],
  ])("%s %j is %s", (name, text, kind) => {
    expect(valuesOf(name, text)).toBe(kind);
  });
});

test("an axis keeps the text that it was typed as, and gives the same values again", () => {
  const axis = parseAxis("seed", "  1-10   (+3),2 ");
  expect(axis).toMatchObject({ ok: true, value: { text: "1-10 (+3),2" } });
  if (axis.ok) expect(parseAxis("seed", axis.value.text)).toEqual(axis);
});

test("a text of any length is answered at once", () => {
  const started = performance.now();
  for (const text of ["1".repeat(1e6), "1-".repeat(5e5), ",".repeat(1e6), "1-2 (".repeat(1e5)])
    expect(typeof parseAxis("seed", text).ok).toBe("boolean");
  expect(performance.now() - started).toBeLessThan(200); // a pattern that backtracks would take minutes
});
