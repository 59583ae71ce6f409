import { useFinetune } from "../context.ts";
import { FinishedRuns } from "./FinishedRuns.tsx";
import { Made } from "./Made.tsx";
import styles from "./ResultStep.module.css";

/** The fourth step: the model that came of a run, and what it learned. */
export function ResultStep() {
  const run = useFinetune((state) => state.run);
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        {run?.state.status === "finished" ? (
          <Made run={run} model={run.state.model} notKept={run.state.notKept} />
        ) : (
          <FinishedRuns />
        )}
      </div>
    </div>
  );
}
