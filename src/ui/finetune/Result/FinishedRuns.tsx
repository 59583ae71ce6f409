import { Button } from "#ui/shared/Button.tsx";
import { countText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import styles from "./FinishedRuns.module.css";

/** Runs that became models, to be looked at again. */
export function FinishedRuns() {
  const finetuning = useFinetuning();
  const runs = useFinetune((state) => state.runs);
  const done = (runs ?? []).filter(({ progress }) => progress?.status === "finished");
  if (done.length === 0)
    return (
      <div className={styles.none}>
        <p>There is no finished run yet.</p>
        <Button look="primary" onClick={() => finetuning.go("training")}>
          To the training
        </Button>
      </div>
    );
  return (
    <section aria-labelledby="finished">
      <h2 id="finished" className={styles.title}>
        Finished runs
      </h2>
      <ul className={styles.list}>
        {done.map(({ id, plan, progress }) => (
          <li key={id}>
            <button type="button" onClick={() => finetuning.openRun(id)}>
              <b>{plan.name}</b>
              <small>
                {countText(progress?.step ?? 0, "step")} on {countText(plan.selection.kept.length, "picture")}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
