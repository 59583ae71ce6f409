import { missingFor } from "#state/finetune/scores.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useFinetune, useFinetuning } from "../context.ts";
import { NoSet } from "../NoSet.tsx";
import { Workbench } from "../Workbench.tsx";
import { ChoiceStage } from "./ChoiceStage.tsx";
import styles from "./ChoiceStep.module.css";
import { Criteria } from "./Criteria.tsx";
import { Measure } from "./Measure.tsx";
import { Ratio } from "./Ratio.tsx";
import { useKept } from "./useKept.ts";

/** The second step: which pictures are trained on. */
export function ChoiceStep() {
  const finetuning = useFinetuning();
  const set = useFinetune((state) => state.set);
  const { mask, count } = useKept();
  const isMeasured = useFinetune(
    ({ choice, scoring }) => missingFor(choice.criterion, scoring.scores).length === 0,
  );
  if (!set) return <NoSet />;
  return (
    <Workbench
      label="What matters"
      panel={
        <>
          <Criteria />
          <Ratio />
          <Measure />
        </>
      }
      bar={
        <>
          <p className={styles.kept} role="status">
            {mask ? (
              <>
                <b>{count}</b> of {mask.length} pictures are kept
              </>
            ) : isMeasured ? (
              "Choosing"
            ) : (
              "The criterion still has to be measured"
            )}
          </p>
          <Button
            look="primary"
            className={styles.main}
            disabled={!mask || count === 0}
            onClick={() => finetuning.go("training")}
          >
            Next: train on {count === mask?.length ? "all of them" : `these ${mask ? count : ""}`}
          </Button>
        </>
      }
    >
      <ChoiceStage set={set} />
    </Workbench>
  );
}
