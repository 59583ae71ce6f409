import type { StepReport } from "../steps.ts";
import { spread } from "./words.ts";

/** What an evaluation of each network takes, alone and side by side. */
export function evaluationLines({ step, costRatio, decode }: StepReport): string[] {
  return [
    "One thread, guidance 1, read-back included.",
    "",
    "| Images at once | Light | Heavy | Light ÷ heavy |",
    "|--:|--:|--:|--:|",
    ...Object.keys(step.light).map((batch) => {
      const at = Number(batch) as keyof typeof costRatio;
      return `| ${batch} | ${spread(step.light[at])} | ${spread(step.heavy[at])} | ${costRatio[at].toFixed(3)} |`;
    }),
    "",
    `Decoding an image takes ${spread(decode)}.`,
  ];
}
