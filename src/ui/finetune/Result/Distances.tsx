import { LEAST_PICTURES, picturesToDraw } from "#state/finetune/distance.ts";
import { stageLeftMs } from "#state/finetune/stage.ts";
import type { LiveRun } from "#state/finetune/training.ts";
import { Button } from "#ui/shared/Button.tsx";
import { aboutText, countText } from "#ui/shared/format.ts";
import { useFamily, useFinetune, useFinetuning } from "../context.ts";
import { Trouble } from "../ProblemNotice.tsx";
import { ProgressLine } from "../ProgressLine.tsx";
import { problemWords } from "../words.ts";
import styles from "./Distances.module.css";

export interface DistancesProps {
  readonly run: LiveRun;
  readonly against: LiveRun | null;
}

/** Offers to measure how far drawn pictures are from those that no run has seen; nothing where that cannot be told. */
export function Distances({ run, against }: DistancesProps) {
  const finetuning = useFinetuning();
  const family = useFamily();
  const { known, stage, problem } = useFinetune((state) => state.distances);
  const features = family?.features?.embedding?.config.feature_dim;
  const heldOut = run.plan.selection.heldOut.length;
  const open = [run, against].filter((one) => one !== null && !known.has(one.id)).length;
  if (features === undefined) return null;
  if (stage) {
    const left = stageLeftMs(stage);
    return (
      <ProgressLine
        label="Distance to held-out pictures"
        share={stage.of > 0 ? stage.done / stage.of : 0}
        text={
          stage.of === 0
            ? "Looking at the held-out pictures"
            : `${stage.done} of ${stage.of} pictures drawn${left === null ? "" : `, about ${aboutText(left)} left`}`
        }
      />
    );
  }
  if (open === 0) return null;
  if (heldOut < LEAST_PICTURES)
    return (
      <p className={styles.note}>
        How far its pictures are from unseen ones is measured where {LEAST_PICTURES} or more are held out
        (under “Looks, held-out pictures, seed” before the training); {countText(heldOut, "picture")} were.
      </p>
    );
  const count = picturesToDraw(heldOut, features);
  return (
    <div className={styles.offer}>
      {problem && (
        <div role="alert">
          <Trouble words={problemWords(problem)} />
        </div>
      )}
      <Button onClick={finetuning.measureDistances}>
        Draw {count} pictures{open > 1 ? " of each" : ""} and measure their distance to held-out ones
      </Button>
      {heldOut <= features && (
        <p className={styles.note}>
          By the kernel distance: for a Fréchet distance in {features} features more than {features} held-out
          pictures are needed.
        </p>
      )}
    </div>
  );
}
