import type { DatasetId } from "./dataset.ts";

/** Milliseconds since 1970 in base 36, nine digits until the year 5188, so that ids sort by age; then random digits, so
 *  that two tabs do not meet. */
export function newDatasetId(now: number = Date.now(), random: () => number = Math.random): DatasetId {
  const digits = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, "0");
  return `${now.toString(36).padStart(9, "0")}-${digits}`;
}

/** When an id was made, in milliseconds since 1970; NaN for anything else. */
export const idTime = (id: string): number =>
  /^[0-9a-z]{9}-[0-9a-z]{8}$/.test(id) ? Number.parseInt(id.slice(0, 9), 36) : Number.NaN;
