import { useEffect, useEffectEvent, useId, useState } from "react";
import type { Family } from "#checkpoints/manifest.ts";
import type { Axis, AxisName } from "#compare/axis.ts";
import { parseAxis } from "#compare/values.ts";
import { AXIS_TITLES, valueWords } from "#compare/words.ts";
import { AXIS_EXAMPLES, axisErrorText } from "../words.ts";
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
  /** Why no grid can be made with this axis here; null where one can. */
  problemWith(axis: Axis): string | null;
  /** Told whenever what stands in the field becomes an axis, or no longer is one; then `why` says what is wrong. */
  onJudged(why: string | null): void;
  onChooseAxis(name: AxisName | null): void;
  onChangeAxis(axis: Axis): void;
}

/** Values named below the field before the rest is only counted. */
const NAMED = 5;

function valuesText(axis: Axis): string {
  const { length } = axis.values;
  // The title beside the field says what they are.
  const bare = (at: number) => valueWords(axis, at).replace(/^(seed|τ|guidance) | steps$/g, "");
  const named = Array.from({ length: Math.min(NAMED, length) }, (_, at) => bare(at));
  const rest = length > NAMED ? `, … ${bare(length - 1)}` : "";
  return `${length}: ${named.join(", ")}${rest}`;
}

/** What is being typed, and the axis of the grid while it was: when that becomes another one, by a preset or a link, what
 *  was typed is over. */
interface Draft {
  readonly text: string;
  readonly axis: Axis | null;
}

/** What changes along one direction of the grid, and through which values. A text that is none, or that makes no grid, stays
 *  in the field with the reason below it; the grid keeps its last good values until it does, be it because another field has
 *  made room for it. */
export function AxisField({
  title,
  axis,
  family,
  optional,
  idle,
  problemWith,
  onJudged,
  onChooseAxis,
  onChangeAxis,
}: AxisFieldProps) {
  const id = useId();
  const [draft, setDraft] = useState<Draft | null>(null);
  const text = draft?.axis === axis ? draft.text : (axis?.text ?? "");
  const judged = (typed: string) => {
    const parsed = axis ? parseAxis(axis.name, typed) : null;
    const why = parsed && (parsed.ok ? problemWith(parsed.value) : axisErrorText(parsed.error));
    return { why, next: parsed?.ok && why === null ? parsed.value : null };
  };
  const { why, next } = judged(text);
  const take = (typed: string, made: Axis | null) => {
    setDraft({ text: typed, axis: made ?? axis });
    if (made) onChangeAxis(made);
  };
  const isLate = next !== null && axis !== null && next.text !== axis.text;
  const settle = useEffectEvent(() => take(text, next));
  useEffect(() => {
    if (isLate) settle();
  }, [isLate]);
  const judge = useEffectEvent(onJudged);
  useEffect(() => {
    judge(why);
    return () => judge(null);
  }, [why]);
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
          <div className={styles.box} data-wrong={why !== null || undefined}>
            <input
              type="text"
              inputMode={axis.name === "seed" || axis.name === "steps" ? "text" : undefined}
              autoComplete="off"
              spellCheck={false}
              value={text}
              placeholder={AXIS_EXAMPLES[axis.name]}
              aria-label={`${title}: values of ${AXIS_TITLES[axis.name].toLowerCase()}`}
              aria-invalid={why !== null || undefined}
              aria-describedby={`${id}-values`}
              onChange={({ currentTarget: { value } }) => take(value, judged(value).next)}
            />
            <ValueMenu axis={axis} family={family} title={title} onChangeAxis={onChangeAxis} />
          </div>
          <p id={`${id}-values`} className={why === null ? styles.note : styles.wrong}>
            {why ?? valuesText(axis)}
          </p>
          {idle && <p className={styles.idle}>{idle}</p>}
        </div>
      )}
    </div>
  );
}
