import { useEffect, useId, useState } from "react";
import type { Family } from "#checkpoints/manifest.ts";
import type { Axis, AxisName } from "#compare/axis.ts";
import { parseAxis } from "#compare/values.ts";
import { AXIS_TITLES, valueWords } from "#compare/words.ts";
import { AXIS_EXAMPLES, axisErrorText, shortName } from "../words.ts";
import styles from "./AxisField.module.css";
import { axesOffered } from "./axes.ts";
import { ValueMenu } from "./ValueMenu.tsx";

export interface AxisFieldProps {
  readonly title: string;
  readonly axis: Axis | null;
  readonly family: Family;
  /** Panels may be none. */
  readonly optional: boolean;
  /** Why these values change nothing in the pictures; null where they do. */
  readonly idle: string | null;
  onChooseAxis(name: AxisName | null): void;
  onChangeAxis(axis: Axis): void;
}

/** Values named below the field before the rest is only counted. */
const NAMED = 5;

function valuesText(axis: Axis): string {
  const { length } = axis.values;
  // The title beside the field says what they are.
  const bare = (at: number) => shortName(valueWords(axis, at)).replace(/^(seed|τ|guidance) | steps$/g, "");
  const named = Array.from({ length: Math.min(NAMED, length) }, (_, at) => bare(at));
  const rest = length > NAMED ? `, … ${bare(length - 1)}` : "";
  return `${length}: ${named.join(", ")}${rest}`;
}

/** What changes along one direction of the grid, and through which values. A text that is none stays in the field with
 *  the reason below it; the grid keeps its last good values. */
export function AxisField({
  title,
  axis,
  family,
  optional,
  idle,
  onChooseAxis,
  onChangeAxis,
}: AxisFieldProps) {
  const id = useId();
  const [text, setText] = useState(axis?.text ?? "");
  useEffect(() => setText(axis?.text ?? ""), [axis?.text]);
  const parsed = axis ? parseAxis(axis.name, text) : null;
  const type = (typed: string) => {
    setText(typed);
    if (!axis) return;
    const next = parseAxis(axis.name, typed);
    if (next.ok) onChangeAxis(next.value);
  };
  const offered = axesOffered(family);
  return (
    <div className={styles.axis}>
      <label className={styles.title} htmlFor={`${id}-name`}>
        {title}
      </label>
      <select
        id={`${id}-name`}
        className={styles.select}
        value={axis?.name ?? ""}
        onChange={({ currentTarget: { value } }) =>
          onChooseAxis(offered.find((name) => name === value) ?? null)
        }
      >
        {optional && <option value="">None</option>}
        {offered.map((name) => (
          <option key={name} value={name}>
            {AXIS_TITLES[name]}
          </option>
        ))}
      </select>
      {axis && (
        <div className={styles.values}>
          <div className={styles.box} data-wrong={(parsed && !parsed.ok) || undefined}>
            <input
              type="text"
              inputMode={axis.name === "seed" || axis.name === "steps" ? "text" : undefined}
              autoComplete="off"
              spellCheck={false}
              value={text}
              placeholder={AXIS_EXAMPLES[axis.name]}
              aria-label={`${title}: values of ${AXIS_TITLES[axis.name].toLowerCase()}`}
              aria-invalid={(parsed && !parsed.ok) || undefined}
              aria-describedby={`${id}-values`}
              onChange={({ currentTarget }) => type(currentTarget.value)}
            />
            <ValueMenu axis={axis} family={family} title={title} onChangeAxis={onChangeAxis} />
          </div>
          <p id={`${id}-values`} className={parsed?.ok === false ? styles.wrong : styles.note}>
            {parsed?.ok === false ? axisErrorText(parsed.error) : valuesText(axis)}
          </p>
          {idle && <p className={styles.idle}>{idle}</p>}
        </div>
      )}
    </div>
  );
}
