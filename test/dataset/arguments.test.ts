import { expect, test } from "vitest";
import { DEFAULTS, readArguments, USAGE } from "../../scripts/dataset/arguments.ts";

test("--out is enough", () => {
  expect(readArguments(["--out", "x"])).toEqual({ help: false, out: "x", plan: DEFAULTS });
  expect(DEFAULTS).toEqual({ size: 128, perClass: 3000, heldOutPerClass: 500, perTar: 2000 });
});

test("every option is read", () => {
  const typed = "--out x --size 64 --per-class 10 --held-out-per-class 3 --per-tar 16".split(" ");
  expect(readArguments(typed)).toEqual({
    help: false,
    out: "x",
    plan: { size: 64, perClass: 10, heldOutPerClass: 3, perTar: 16 },
  });
  expect(readArguments(["--help"])).toEqual({ help: true });
  for (const option of typed.filter((word) => word.startsWith("--"))) expect(USAGE).toContain(`${option} `);
});

test.each([
  ["", "--out is missing: where shall the images go? (see --help)"],
  ["--out", "Option '--out <value>' argument missing (see --help)"],
  ["--out x --colour red", "Unknown option '--colour' (see --help)"],
  ["--out x stray", "Unexpected argument 'stray' (see --help)"],
  [
    "--out x --size 96",
    "--size 96: the avatars are drawn at 128 px and shrunk by whole squares, to 128, 64, 32, 16 (see --help)",
  ],
  ["--out x --per-class 0", "--per-class 0 is no whole number from 1 to 400000 (see --help)"],
  ["--out x --per-class 1e3", "--per-class 1e3 is no whole number from 1 to 400000 (see --help)"],
  [
    "--out x --held-out-per-class 2.5",
    "--held-out-per-class 2.5 is no whole number from 1 to 400000 (see --help)",
  ],
  ["--out x --per-tar 12", "--per-tar 12 is no multiple of 8, the number of styles (see --help)"],
])("%j is refused in plain words", (typed, message) => {
  expect(() => readArguments(typed.split(" ").filter(Boolean))).toThrow(message);
});
