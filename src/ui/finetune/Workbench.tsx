import type { ReactNode } from "react";
import side from "#ui/shared/sidePanel.module.css";
import styles from "./Workbench.module.css";

export interface WorkbenchProps {
  /** Name of the panel for a screen reader. */
  readonly label: string;
  /** What can be chosen. */
  readonly panel: ReactNode;
  /** The button that leads on, with what it needs said above it. */
  readonly bar: ReactNode;
  /** What there is to see. */
  readonly children: ReactNode;
  /** On a narrow screen what there is to see comes first. */
  readonly stageFirst?: boolean;
}

/** A step's controls beside what they are about. */
export function Workbench({ label, panel, bar, children, stageFirst = false }: WorkbenchProps) {
  return (
    <div className={styles.bench} data-stage-first={stageFirst || undefined}>
      <section className={`${side.panel} ${styles.panel}`} aria-label={label}>
        <div className={side.scroll}>{panel}</div>
        <div className={`${side.bar} ${styles.bar}`}>{bar}</div>
      </section>
      <div className={styles.stage}>{children}</div>
    </div>
  );
}
