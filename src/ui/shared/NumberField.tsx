import { type ReactNode, useEffect, useId, useState } from "react";
import styles from "./NumberField.module.css";
import { nearestWithin, numberWithin } from "./numberText.ts";

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
 *  the field is left; then it becomes the nearest number that is allowed, and what is no number the last good one. */
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
  const limits = { min, max, whole };
  const wrong = numberWithin(text, limits) === null;
  const take = (typed: string) => {
    setText(typed);
    const number = numberWithin(typed, limits);
    if (number !== null) onChange(number);
  };
  const leave = () => {
    const settled = wrong ? (nearestWithin(text, limits) ?? value) : value;
    setText(String(settled));
    if (settled !== value) onChange(settled);
  };
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
          onChange={(event) => take(event.currentTarget.value)}
          onBlur={leave}
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
