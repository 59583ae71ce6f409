import type { NoiseFloor } from "#state/compare/comparison.ts";
import styles from "./IntervalMark.module.css";

export interface IntervalMarkProps {
  readonly value: number;
  readonly interval: readonly [low: number, high: number] | null;
  readonly floor: NoiseFloor | null;
}

const percent = (share: number) => `${Math.min(1, Math.max(0, share)) * 100}%`;

/** A value with its interval on a line from 0 to 1, over the interval of the noise floor. The numbers stand beside it. */
export function IntervalMark({ value, interval, floor }: IntervalMarkProps) {
  const [floorLow, floorHigh] = floor?.interval ?? [floor?.sNorm ?? 0, floor?.sNorm ?? 0];
  return (
    <span className={styles.mark} aria-hidden="true">
      {floor && (
        <span
          className={styles.floor}
          style={{ left: percent(floorLow), right: `calc(100% - ${percent(floorHigh)})` }}
        />
      )}
      {interval && (
        <span
          className={styles.interval}
          style={{ left: percent(interval[0]), right: `calc(100% - ${percent(interval[1])})` }}
        />
      )}
      <span className={styles.value} style={{ left: percent(value) }} />
    </span>
  );
}
