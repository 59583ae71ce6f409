import { Controls } from "./Controls/Controls.tsx";
import styles from "./GeneratePage.module.css";
import { Stage } from "./Stage/Stage.tsx";
import { useGenerateKeys } from "./useGenerateKeys.ts";

/** Settings beside the pictures; on a narrow screen the pictures come first. */
export function GeneratePage() {
  useGenerateKeys();
  return (
    <div className={styles.page}>
      <Controls />
      <Stage />
    </div>
  );
}
