import { Controls } from "./Controls/Controls.tsx";
import styles from "./GeneratePage.module.css";
import { Stage } from "./Stage/Stage.tsx";

/** Settings beside the pictures; on a narrow screen the pictures come first. */
export function GeneratePage() {
  return (
    <div className={styles.page}>
      <Controls />
      <Stage />
    </div>
  );
}
