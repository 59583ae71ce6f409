import { useId } from "react";
import type { Family } from "#checkpoints/manifest.ts";
import { MIXED } from "#state/settings.ts";
import styles from "./ClassPicker.module.css";

export interface ClassPickerProps {
  readonly classes: Family["classes"];
  /** Classes that the chosen model knows beyond these, by name. */
  readonly further: readonly string[];
  readonly value: string;
  /** Picture sheet with one tile a class in label order; without it names alone are shown. */
  readonly sheetUrl: string | null;
  onChange(className: string): void;
}

/** The shipped family's eight classes and the mixed choice. */
const PLACES = Array.from({ length: 9 }, (_, place) => place);

/** Classes as pictures with their names. */
export function ClassPicker({ classes, further, value, sheetUrl, onChange }: ClassPickerProps) {
  const group = useId();
  const choice = (name: string, title: string, tile: number | "mixed" | "own") => (
    <label key={name} className={styles.choice} title={title}>
      <input
        type="radio"
        name={group}
        value={name}
        checked={name === value}
        onChange={() => onChange(name)}
      />
      <span
        className={styles.tile}
        data-kind={typeof tile === "number" ? undefined : tile}
        style={
          sheetUrl && typeof tile === "number"
            ? {
                backgroundImage: `url(${sheetUrl})`,
                backgroundSize: `${classes.length * 100}% 100%`,
                backgroundPositionX: `${(tile / (classes.length - 1)) * 100}%`,
              }
            : undefined
        }
      >
        {tile === "own" && name.charAt(0)}
      </span>
      <span className={styles.name}>{name}</span>
    </label>
  );
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>Class</legend>
      <div className={styles.grid}>
        {classes.map((one) => choice(one.name, `${one.title} by ${one.artist}`, one.label))}
        {further.map((name) => choice(name, `${name}: a class that this model alone knows`, "own"))}
        {choice(MIXED, "Each seed its own class: seed modulo the number of classes", "mixed")}
      </div>
    </fieldset>
  );
}

/** Places of the class pictures until the manifest says what they are. */
export function EmptyClassPicker() {
  return (
    <div className={styles.group} aria-hidden="true">
      <p className={styles.legend}>Class</p>
      <div className={styles.grid}>
        {PLACES.map((place) => (
          <div key={place}>
            <span className={styles.tile} />
            <span className={styles.name}>&nbsp;</span>
          </div>
        ))}
      </div>
    </div>
  );
}
