import { Button } from "#ui/shared/Button.tsx";
import { useFinetune, useFinetuning } from "../context.ts";
import styles from "../NoSet.module.css";

/** The fourth step: the model that came of it. */
export function ResultStep() {
  const finetuning = useFinetuning();
  const run = useFinetune((state) => state.run);
  if (run?.state.status !== "finished")
    return (
      <div className={styles.none}>
        <p>There is no finished run yet.</p>
        <Button look="primary" onClick={() => finetuning.go("training")}>
          To the training
        </Button>
      </div>
    );
  return (
    <div className={styles.none}>
      <p>{run.state.model.name} is among your models.</p>
    </div>
  );
}
