import { parseArgs } from "node:util";
import { DRAWN_SIZE } from "#datasets/drawn/recipe.ts";
import { DatasetFailure } from "./errors.ts";
import type { Plan } from "./plan.ts";
import { STYLES } from "./styles.ts";

/** Means of whole squares of the drawing; below 16 px nobody sees an avatar. */
export const SIZES: readonly number[] = [DRAWN_SIZE, DRAWN_SIZE / 2, DRAWN_SIZE / 4, DRAWN_SIZE / 8];

export const DEFAULTS: Plan = { size: DRAWN_SIZE, perClass: 3000, heldOutPerClass: 500, perTar: 2000 };

/** Indices have six digits in the tars. */
const MOST_PER_CLASS = 400_000;

export const USAGE = `Draws the avatars that the models are trained on: ${STYLES.length} styles by DiceBear, a training and a held-out set.

  npm run dataset -- --out DIR [options]

  --out DIR                  where the tars go; a new or empty folder, or one that this command began before
  --size ${DEFAULTS.size}                 side of the images in pixels: ${SIZES.join(", ")}
  --per-class ${DEFAULTS.perClass}           training images of each style
  --held-out-per-class ${DEFAULTS.heldOutPerClass}   images of each style with other seeds, never for training
  --per-tar ${DEFAULTS.perTar}             images in one tar, a multiple of ${STYLES.length}

Ended at any moment, it goes on where it was when it is started again. A finished folder is checked, and what is
damaged or missing there is drawn again.
`;

export type Command =
  | { readonly help: true }
  | { readonly help: false; readonly out: string; readonly plan: Plan };

/** What was typed. Throws DatasetFailure (BadArguments). */
export function readArguments(argv: readonly string[]): Command {
  const text = { type: "string" } as const;
  let values: Partial<Record<"out" | "size" | "per-class" | "held-out-per-class" | "per-tar", string>> & {
    help?: boolean;
  };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        out: text,
        size: text,
        "per-class": text,
        "held-out-per-class": text,
        "per-tar": text,
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (cause) {
    throw bad(cause instanceof Error ? cause.message.split(". ")[0] : String(cause));
  }
  if (values.help) return { help: true };
  if (!values.out) throw bad("--out is missing: where shall the images go?");
  const count = (name: "per-class" | "held-out-per-class", preset: number) =>
    wholeNumber(name, values[name], preset, 1, MOST_PER_CLASS);
  const size = wholeNumber("size", values.size, DEFAULTS.size, 1, Number.MAX_SAFE_INTEGER);
  if (!SIZES.includes(size))
    throw bad(
      `--size ${size}: the avatars are drawn at ${DRAWN_SIZE} px and shrunk by whole squares, to ${SIZES.join(", ")}`,
    );
  const perTar = wholeNumber("per-tar", values["per-tar"], DEFAULTS.perTar, STYLES.length, 100_000);
  if (perTar % STYLES.length !== 0)
    throw bad(`--per-tar ${perTar} is no multiple of ${STYLES.length}, the number of styles`);
  return {
    help: false,
    out: values.out,
    plan: {
      size,
      perClass: count("per-class", DEFAULTS.perClass),
      heldOutPerClass: count("held-out-per-class", DEFAULTS.heldOutPerClass),
      perTar,
    },
  };
}

const bad = (detail: string) => new DatasetFailure({ kind: "BadArguments", detail });

function wholeNumber(
  name: string,
  typed: string | undefined,
  preset: number,
  least: number,
  most: number,
): number {
  if (typed === undefined) return preset;
  const value = Number(typed);
  if (!/^\d+$/.test(typed) || value < least || value > most)
    throw bad(`--${name} ${typed} is no whole number from ${least} to ${most}`);
  return value;
}
