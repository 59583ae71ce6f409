import { useId } from "react";
import styles from "./Segmented.module.css";

export interface SegmentedProps<T extends string> {
  /** What is chosen; the name of the group. */
  readonly legend: string;
  readonly options: readonly { readonly value: T; readonly label: string; readonly hint?: string }[];
  readonly value: T;
  /** Hides the legend from sight where the place says it. */
  readonly legendHidden?: boolean;
  /** What is chosen shows, and counts for nothing now. */
  readonly disabled?: boolean;
  onChange(value: T): void;
}

/** One of a few, side by side. Native radio buttons: arrows move, and a form reset or a script can reach them. */
export function Segmented<T extends string>({
  legend,
  options,
  value,
  legendHidden = false,
  disabled = false,
  onChange,
}: SegmentedProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.group} disabled={disabled}>
      <legend className={legendHidden ? styles.hidden : styles.legend}>{legend}</legend>
      <div className={styles.track}>
        {options.map((option) => (
          <label key={option.value} className={styles.option} title={option.hint}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
