import styles from "./ProgressLine.module.css";

export interface ProgressLineProps {
  /** What is on its way; the name of the bar. */
  readonly label: string;
  /** 0 … 1 */
  readonly share: number;
  readonly text: string;
}

/** How far something is: as a line, and in words. */
export function ProgressLine({ label, share, text }: ProgressLineProps) {
  return (
    <div className={styles.progress}>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * share)}
        aria-valuetext={text}
        className={styles.track}
      >
        <div className={styles.share} style={{ scale: `${share} 1` }} />
      </div>
      <p>{text}</p>
    </div>
  );
}
