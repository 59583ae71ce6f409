import { useComparison } from "./context.ts";
import { finishedCount, shareDone } from "./progress.ts";
import styles from "./RunLine.module.css";
import { estimateText, runText } from "./words.ts";

/** Where the grid stands: in words, and as a line. Its height never changes. */
export function RunLine() {
  const run = useComparison((comparison) => comparison.run);
  const done = useComparison(finishedCount);
  const all = useComparison(({ grid }) => grid?.cells.length ?? 0);
  const share = useComparison(shareDone);
  const left = useComparison(({ timeLeft }) => timeLeft);
  const working = run.status === "running" || run.status === "loading";
  const words = runText(run, done, all);
  return (
    <div className={styles.run}>
      <p className={styles.words}>
        <b>{words}</b>
        {working && left && <span>{estimateText(left)} left</span>}
      </p>
      {/* Every picture would be too much to be read out: what is said is when the run changes. */}
      <p role="status" className={styles.hidden}>
        {run.status === "running" ? "Drawing the grid." : run.status === "idle" ? "" : `${words}.`}
      </p>
      <div className={styles.track} data-active={working || run.status === "paused" || undefined}>
        {(working || run.status === "paused") && (
          <div
            role="progressbar"
            aria-label="Progress of the grid"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share * 100)}
            className={styles.share}
            style={{ scale: `${share} 1` }}
          />
        )}
      </div>
    </div>
  );
}
