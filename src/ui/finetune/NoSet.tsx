import { Button } from "#ui/shared/Button.tsx";
import { useFinetune, useFinetuning } from "./context.ts";
import styles from "./NoSet.module.css";

/** Stands where a data set is needed. */
export function NoSet() {
  const finetuning = useFinetuning();
  const opening = useFinetune((state) => state.opening);
  if (opening) return <p className={styles.none}>Opening the data set.</p>;
  return (
    <div className={styles.none}>
      <p>Choose or bring a data set first.</p>
      <Button look="primary" onClick={() => finetuning.go("pictures")}>
        To the pictures
      </Button>
    </div>
  );
}
