import { type ReactNode, useEffect, useId, useState } from "react";
import styles from "./NumberField.module.css";

export interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** Whole numbers only. */
  readonly whole?: boolean;
  readonly labelHidden?: boolean;
  readonly disabled?: boolean;
  /** Buttons inside the field, after the number. */
  readonly children?: ReactNode;
  onChange(value: number): void;
}

/** A number that is taken over as soon as it is one within the limits. What is not stays in the field, marked, until
 *  the field is left; then the last good number returns. */
export function NumberField({
  label,
  value,
  min,
  max,
  step = 1,
  whole = true,
  labelHidden = false,
  disabled = false,
  children,
  onChange,
}: NumberFieldProps) {
  const id = useId();
  const [text, setText] = useState(String(value));
  useEffect(
    () => setText((current) => (Number(current) === value && current !== "" ? current : String(value))),
    [value],
  );
  const valid = (typed: string) => {
    const number = Number(typed);
    return (
      typed.trim() !== "" &&
      Number.isFinite(number) &&
      number >= min &&
      number <= max &&
      (!whole || Number.isSafeInteger(number))
    );
  };
  const wrong = !valid(text);
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={labelHidden ? styles.hidden : styles.label}>
        {label}
      </label>
      <div className={styles.box}>
        <input
          id={id}
          type="number"
          inputMode={whole ? "numeric" : "decimal"}
          min={min}
          max={max}
          step={step}
          value={text}
          disabled={disabled}
          aria-invalid={wrong || undefined}
          aria-describedby={wrong ? `${id}-wrong` : undefined}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            setText(typed);
            if (valid(typed)) onChange(Number(typed));
          }}
          onBlur={() => setText(String(value))}
        />
        {children}
      </div>
      {wrong && (
        <p id={`${id}-wrong`} className={styles.wrong}>
          {min} to {max}
          {whole ? ", whole" : ""}
        </p>
      )}
    </div>
  );
}
