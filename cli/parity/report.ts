import type { Worst } from "./comparison.ts";
import type { Outcome } from "./outcome.ts";

export interface Tally {
  passed: number;
  failed: number;
}

/** Adds an outcome; an unknown kind is a failure unless it is allowed, and then counts nowhere. */
export function count(tally: Tally, outcome: Outcome, allowMissing: boolean): void {
  if (outcome.status === "passed") tally.passed++;
  else if (outcome.status === "failed" || !allowMissing) tally.failed++;
}

/** One line about a case: status, name, worst value as a share of its tolerance and where that is. */
export function lineOf(outcome: Outcome): string {
  const name = outcome.case.padEnd(28);
  switch (outcome.status) {
    case "passed":
      return `pass     ${name} ${outcome.worst ? share(outcome.worst) : (outcome.detail ?? "")}`.trimEnd();
    case "failed":
      return `FAIL     ${name} ${outcome.worst ? `${share(outcome.worst)}: ` : ""}${outcome.reason}`;
    case "unknown":
      return `unknown  ${name} nothing here knows the kind "${outcome.kind}"`;
    default:
      return outcome satisfies never;
  }
}

function share({ tensor, error, ratio }: Worst): string {
  if (ratio === 0) return "exact";
  const ofTolerance = Number.isFinite(ratio)
    ? `${ratio.toFixed(3)} of the tolerance`
    : "beyond any tolerance";
  return `${ofTolerance} at ${tensor} (error ${error.toExponential(1)})`;
}
