import { filesOf } from "#checkpoints/manifest.ts";
import { selectFamily, selectHeavyAsks } from "#state/app.ts";
import type { Batch } from "#state/batch.ts";
import { finishedImages } from "#state/batch.ts";
import { partStatus } from "#state/engine.ts";
import { isHeavy } from "#state/loads.ts";
import { modelText } from "#state/names.ts";
import { nextMove } from "#state/schedule.ts";
import { heavyToLight, shareDone, timeLeft } from "#state/timeLeft.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { partName } from "#ui/shared/errorWords.ts";
import { aboutText, bytesText, countText, durationText } from "#ui/shared/format.ts";
import styles from "./Progress.module.css";

export interface ProgressProps {
  readonly batch: Batch;
}

/** "step 12 of 59", of the images that are being drawn now. */
function stepText(batch: Batch): string | null {
  const cell = batch.cells.find((one) => one.status === "sampling");
  return cell?.status === "sampling" ? `step ${cell.step} of ${cell.of} (${cell.served})` : null;
}

/** One line about the batch: what is happening, how far it is, how long it will take or took. Its height never changes. */
export function Progress({ batch }: ProgressProps) {
  const { session } = useStudio();
  const engine = useApp((app) => app.engine);
  const family = useApp(selectFamily);
  const ratio = family ? heavyToLight(family) : 1;
  const done = finishedImages(batch).length;
  const total = batch.cells.filter((cell) => cell.status !== "removed").length;
  const left = timeLeft(batch, ratio);
  const running = batch.runs.find((run) => run.status === "running");
  const move = nextMove(batch, engine);
  const { state } = batch;
  const awaited =
    move.do === "wait" ? move.missing.find((part) => family && isHeavy(family, part)) : undefined;
  const waitsForHeavy = awaited !== undefined;
  const heavy = partStatus(engine, batch.settings.family, awaited ?? "heavy");
  const asks = useApp(selectHeavyAsks);
  const drafted = batch.cells.some((cell) => cell.status === "waiting" && cell.draft);
  const heavyBytes =
    (family && filesOf(family, awaited ?? "heavy")?.reduce((sum, file) => sum + file.bytes, 0)) ?? 0;
  const head = () => {
    switch (state.status) {
      case "finished":
        return done === 0 ? "Nothing left here" : `${countText(done, "image")} in ${durationText(state.ms)}`;
      case "cancelled":
        return `Cancelled after ${countText(done, "image")}`;
      case "failed":
        return `Stopped after ${countText(done, "image")}`;
      case "active":
        if (move.do === "wait") return `Waiting for the ${move.missing.map(partName).join(" and the ")}`;
        if (running?.draft) return "Drawing with the light model first";
        return batch.origin === "first-visit"
          ? "Refining with the heavy model"
          : `Image ${Math.min(done + 1, total)} of ${total}`;
      default:
        return state satisfies never;
    }
  };
  const details = () => {
    if (state.status !== "active") return null;
    if (waitsForHeavy && asks) return "Save-Data is on.";
    if (waitsForHeavy && heavy.status === "failed") return "Its download has stopped.";
    if (waitsForHeavy && heavy.status === "downloading")
      return `${bytesText(heavy.loadedBytes)} of ${bytesText(heavy.totalBytes)}`;
    const model =
      running && batch.models.length > 1
        ? modelText({ model: running.model, tau: batch.settings.tau })
        : null;
    const words = left && `${left.guessed ? "roughly" : "about"} ${aboutText(left.ms)} left`;
    return [words, model, stepText(batch)].filter(Boolean).join(", ");
  };
  const share =
    waitsForHeavy && heavy.status === "downloading"
      ? heavy.loadedBytes / Math.max(1, heavy.totalBytes)
      : shareDone(batch, ratio);
  return (
    <div className={styles.progress}>
      <div className={styles.words}>
        <p role="status" className={styles.head}>
          {head()}
        </p>
        <p className={styles.details}>{details()}</p>
        {waitsForHeavy && (
          <div className={styles.choices}>
            {asks && <Button onClick={() => session.agreeToHeavy()}>Download {bytesText(heavyBytes)}</Button>}
            {drafted && (
              <Button look="quiet" onClick={() => session.keepDrafts()}>
                Keep the light {total === 1 ? "picture" : "pictures"}
              </Button>
            )}
          </div>
        )}
      </div>
      <div className={styles.track} data-active={state.status === "active" || undefined}>
        {state.status === "active" && (
          <div
            role="progressbar"
            aria-label="Progress of the batch"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share * 100)}
            className={styles.share}
            style={{ scale: `${share} 1` }}
          />
        )}
      </div>
    </div>
  );
}
