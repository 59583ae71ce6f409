import { useId } from "react";
import { type Family, filesOf } from "#checkpoints/manifest.ts";
import { axesOf, cellCount } from "#compare/grid.ts";
import type { Comparison } from "#state/compare/comparison.ts";
import { Button } from "#ui/shared/Button.tsx";
import { bytesText, countText } from "#ui/shared/format.ts";
import side from "#ui/shared/sidePanel.module.css";
import type { PartName } from "#workers/protocol.ts";
import { useComparison, useComparisons, useLook } from "../context.ts";
import type { Look } from "../look.ts";
import { Note } from "../Notes/Note.tsx";
import { finishedCount } from "../progress.ts";
import { costWords, estimateText, problemText } from "../words.ts";
import { DIRECTIONS } from "./axes.ts";
import styles from "./RunBar.module.css";

const NOUNS = {
  seed: "seed",
  class: "class",
  model: "model",
  variant: "variant",
  tau: "τ",
  steps: "numbers of steps",
  solver: "solver",
  guidance: "guidance",
} as const;

const bytesOf = (family: Family | null, parts: readonly PartName[]): number =>
  parts
    .flatMap((part) => (family ? (filesOf(family, part) ?? []) : []))
    .reduce((bytes, file) => bytes + file.bytes, 0);

/** "5 τ × 4 seeds". */
function productText({ settings }: Comparison): string {
  return axesOf(settings)
    .map(({ name, values }) => {
      const noun = NOUNS[name];
      const plural =
        values.length === 1 || noun === "τ" || noun.includes(" ") || noun === "guidance"
          ? ""
          : noun === "class"
            ? "es"
            : "s";
      return `${values.length} ${noun}${plural}`;
    })
    .join(" × ");
}

/** What the grid costs before it is drawn, and the buttons that draw it. */
export function RunBar({ usable }: { readonly usable: boolean }) {
  const comparisons = useComparisons();
  // One by one: a component that holds the whole comparison keeps the last one from being let go.
  const grid = useComparison((comparison) => comparison.grid);
  const family = useComparison((comparison) => comparison.family);
  const problem = useComparison((comparison) => comparison.problem);
  const run = useComparison((comparison) => comparison.run);
  const cost = useComparison((comparison) => comparison.cost);
  const timeLeft = useComparison((comparison) => comparison.timeLeft);
  const product = useComparison(productText);
  const cells = useComparison(({ settings }) => cellCount(settings));
  const done = useComparison(finishedCount);
  const wrong = useLook((look) => look.wrong);
  const told = costWords(cost, run.status);
  const blocked = blockedText(wrong);
  const whyNot = useId();
  const active = run.status === "running" || run.status === "loading";
  const waits = run.status === "paused" || run.status === "asks";
  const complete = grid !== null && done === grid.cells.length;
  return (
    <div className={`${side.bar} ${styles.bar}`} data-rest={(complete && !blocked && !problem) || undefined}>
      {problem ? (
        <p className={styles.problem} role="alert">
          {problemText(problem)}
        </p>
      ) : blocked ? (
        <p className={styles.problem} id={whyNot}>
          {blocked}
        </p>
      ) : (
        <div className={styles.cost}>
          <p className={styles.first}>
            <span>
              <b>{countText(cells, "picture")}</b>, {product}
            </span>
            <span className={styles.narrow}>{timeText(complete, timeLeft, active)}</span>
          </p>
          {grid && (
            <p className={styles.line}>
              <span>
                <b>{told.nfe}</b>
                {told.words}
              </span>
              <Note about="nfe" />
            </p>
          )}
          <p className={styles.wide}>{timeText(complete, timeLeft, active)}</p>
        </div>
      )}
      <div className={styles.buttons}>
        {run.status === "asks" ? (
          <Button key="agree" look="primary" className={styles.main} onClick={() => comparisons.agree()}>
            Download {bytesText(bytesOf(family, run.parts))}
          </Button>
        ) : active ? (
          // Keys keep these three different elements: one that turned from Pause into a submit button within its own
          // click would submit the form and go on at once.
          <Button
            key="pause"
            icon="pause"
            className={styles.main}
            onClick={() => comparisons.pause()}
            title="Esc"
          >
            Pause
          </Button>
        ) : (
          <Button
            key="start"
            look="primary"
            type="submit"
            className={styles.main}
            disabled={!usable || !grid || complete || blocked !== null}
            aria-describedby={blocked === null ? undefined : whyNot}
            title="Ctrl + Enter, ⌘ + Enter"
          >
            {run.status === "paused" ? "Resume" : complete ? "Drawn" : done > 0 ? "Draw the rest" : "Start"}
          </Button>
        )}
        {(active || waits) && <Button onClick={() => comparisons.cancel()}>Cancel</Button>}
        {!active && !waits && done > 0 && (
          <Button onClick={() => comparisons.clear()} title="Forgets the pictures of this grid">
            Clear
          </Button>
        )}
      </div>
    </div>
  );
}

/** Which fields have to be mended before the grid can be drawn; null when they say what it is. */
function blockedText(wrong: Look["wrong"]): string | null {
  const titles = DIRECTIONS.filter(({ name }) => wrong[name] !== undefined).map(({ title }) => title);
  if (titles.length === 0) return null;
  return `${titles.join(" and ")} cannot be drawn as typed; the grid still shows ${titles.length === 1 ? "its" : "their"} last values.`;
}

function timeText(complete: boolean, timeLeft: Comparison["timeLeft"], active: boolean): string {
  if (complete) return "Everything is drawn.";
  if (!timeLeft)
    return active ? "Measuring how long it will take." : "The time is known once a step has been timed.";
  const words = estimateText(timeLeft);
  return active ? `${words} left` : `${words[0]?.toUpperCase()}${words.slice(1)} on this device`;
}
