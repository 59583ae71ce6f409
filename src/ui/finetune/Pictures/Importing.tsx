import { describeImportError } from "#datasets/importError.ts";
import { type Importing as ImportingState, importLeftMs, LATEST } from "#state/finetune/importing.ts";
import { Button } from "#ui/shared/Button.tsx";
import { aboutText } from "#ui/shared/format.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { useFinetuning } from "../context.ts";
import { Trouble } from "../ProblemNotice.tsx";
import { ProgressLine } from "../ProgressLine.tsx";
import styles from "./Importing.module.css";
import { RefusedFiles } from "./RefusedFiles.tsx";

/** Pictures move along, the places that show them stay. */
const LATEST_PLACES = Array.from({ length: LATEST }, (_, place) => place);

export interface ImportingProps {
  readonly importing: Extract<ImportingState, { status: "running" | "failed" }>;
}

/** Pictures on their way in, or why they did not come. */
export function Importing({ importing }: ImportingProps) {
  const finetuning = useFinetuning();
  if (importing.status === "failed") {
    const { error } = importing;
    return (
      <div className={styles.failed}>
        <div role="alert">
          <Trouble words={{ title: "No data set was made", text: describeImportError(error) }}>
            <Button onClick={finetuning.putAway}>Close</Button>
          </Trouble>
        </div>
        {error.kind === "NothingUsable" && <RefusedFiles refused={error.refused} isOpen />}
      </div>
    );
  }
  const { progress, name, from, latest, cancelling } = importing;
  const left = importLeftMs(importing);
  return (
    <div className={styles.running}>
      <h2>{from === "drawn" ? `Drawing ${name}` : `Importing ${name}`}</h2>
      <ProgressLine
        label={from === "drawn" ? "Drawing" : "Import"}
        share={progress && progress.of > 0 ? progress.done / progress.of : 0}
        text={
          cancelling
            ? "Putting away what was begun"
            : progress
              ? `${progress.done} of ${progress.of}${left === null ? "" : `, about ${aboutText(left)} left`}`
              : "Starting"
        }
      />
      {from === "files" && progress && (
        <dl className={styles.counts}>
          <div>
            <dt>Pictures</dt>
            <dd>{progress.accepted}</dd>
          </div>
          <div>
            <dt>Left out</dt>
            <dd>{progress.refused}</dd>
          </div>
        </dl>
      )}
      <ul className={styles.latest} aria-hidden="true">
        {LATEST_PLACES.slice(0, latest.length).map((place) => (
          <li key={place}>
            <PixelCanvas pixels={latest[place]} />
          </li>
        ))}
      </ul>
      <Button disabled={cancelling} onClick={finetuning.cancelImport}>
        Cancel
      </Button>
    </div>
  );
}
