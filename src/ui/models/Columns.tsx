import styles from "./Columns.module.css";

export interface ColumnsProps {
  /** What the last column says. */
  readonly last: string;
}

/** Words over the columns of a list of models. Each line says them itself to a screen reader. */
export function Columns({ last }: ColumnsProps) {
  return (
    <div className={styles.columns} aria-hidden="true">
      <span>Parameters</span>
      <span>Size</span>
      <span>{last}</span>
    </div>
  );
}
