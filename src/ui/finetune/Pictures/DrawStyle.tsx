import { useState } from "react";
import {
  DRAWING_DOWNLOAD_BYTES,
  DRAWN_COUNTS,
  NINTH_STYLES,
  type NinthStyleName,
} from "#datasets/drawn/ninthStyles.ts";
import { Button } from "#ui/shared/Button.tsx";
import field from "#ui/shared/field.module.css";
import { bytesText } from "#ui/shared/format.ts";
import { NumberField } from "#ui/shared/NumberField.tsx";
import { useFamily, useFinetuning } from "../context.ts";
import styles from "./DrawStyle.module.css";

export interface DrawStyleProps {
  readonly disabled: boolean;
}

/** A data set without any files: avatars of a style that the shipped models have never seen. */
export function DrawStyle({ disabled }: DrawStyleProps) {
  const finetuning = useFinetuning();
  const family = useFamily();
  const [style, setStyle] = useState<NinthStyleName>("bigEars");
  const [count, setCount] = useState<number>(DRAWN_COUNTS.preset);
  const chosen = NINTH_STYLES.find(({ name }) => name === style);
  return (
    <section aria-labelledby="draw-style">
      <h2 id="draw-style" className={styles.title}>
        Or draw a ninth style
      </h2>
      <div className={styles.row}>
        <label className={field.field}>
          <span>Style</span>
          <select
            value={style}
            disabled={disabled}
            onChange={({ currentTarget }) => {
              const next = NINTH_STYLES.find(({ name }) => name === currentTarget.value);
              if (next) setStyle(next.name);
            }}
          >
            {NINTH_STYLES.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <NumberField
          label="Pictures"
          value={count}
          min={DRAWN_COUNTS.least}
          max={DRAWN_COUNTS.most}
          step={100}
          disabled={disabled}
          onChange={setCount}
        />
      </div>
      <Button
        icon="dice"
        className={styles.draw}
        disabled={disabled || !family}
        onClick={() => finetuning.draw(style, count)}
      >
        Draw them
      </Button>
      <p className={styles.note}>
        The shipped models know eight avatar styles; this one they have never seen. Fetches{" "}
        {bytesText(DRAWING_DOWNLOAD_BYTES)} once.{" "}
        {chosen && (
          <>
            {chosen.title} by <a href={chosen.homepage}>{chosen.artist}</a>,{" "}
            <a href={chosen.licenceUrl}>{chosen.licence}</a>.
          </>
        )}
      </p>
    </section>
  );
}
