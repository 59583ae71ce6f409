import type { RunId } from "./run.ts";

/** A new run's id: milliseconds since 1970 in base 36, so that ids sort by age, and eight random digits. */
export function newRunId(now: number = Date.now(), random: () => number = Math.random): RunId {
  const digits = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, "0");
  return `${now.toString(36).padStart(9, "0")}-${digits}`;
}
