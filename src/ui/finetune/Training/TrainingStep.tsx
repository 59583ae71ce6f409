import { useMemo } from "react";
import { targetsNow } from "#state/finetune/currentPlan.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useKept } from "../Choice/useKept.ts";
import { useFamily, useFinetune, useFinetuning } from "../context.ts";
import { NoSet } from "../NoSet.tsx";
import { useRested } from "../useRested.ts";
import { Workbench } from "../Workbench.tsx";
import { Estimate } from "./Estimate.tsx";
import { Learned } from "./Learned.tsx";
import { RunList } from "./RunList.tsx";
import { RunView } from "./RunView.tsx";
import styles from "./TrainingStep.module.css";
import { TrainPanel } from "./TrainPanel.tsx";

/** Settings rest for so long before their cost is measured. */
const REST_MS = 900;

/** The third step: a run that is set up, or one that is looked at. */
export function TrainingStep() {
  const set = useFinetune((state) => state.set);
  const run = useFinetune((state) => state.run);
  if (run) return <RunView run={run} />;
  if (!set)
    return (
      <div className={styles.alone}>
        <NoSet />
        <RunList />
      </div>
    );
  return <SetUp />;
}

function SetUp() {
  const finetuning = useFinetuning();
  const family = useFamily();
  const settings = useFinetune((state) => state.settings);
  const set = useFinetune((state) => state.set);
  const targets = useFinetune((state) => state.targets);
  const { mask, count } = useKept();
  const isNamed = useFinetune((state) => family !== null && targetsNow(state, family) !== null);
  const ready = mask !== null && count > 0 && isNamed;
  // What a run costs depends on these.
  const planned = useMemo(
    () => (ready ? { settings, targets, count } : null),
    [ready, settings, targets, count],
  );
  useRested(planned, REST_MS, finetuning.estimate);
  return (
    <Workbench
      label="Training"
      panel={<TrainPanel />}
      bar={
        <div className={styles.buttons}>
          <Button look="primary" className={styles.main} disabled={!ready} onClick={finetuning.train}>
            Start training
          </Button>
          <Button
            className={styles.main}
            disabled={!ready || count === mask?.length}
            title={
              count === mask?.length
                ? "Keep fewer pictures on the second step first"
                : "Trains on all pictures and on the kept ones, for as many steps, and opens both beside the base"
            }
            onClick={finetuning.trainPair}
          >
            Full against pruned
          </Button>
        </div>
      }
    >
      <div className={styles.stage}>
        <Learned set={set} mask={mask} />
        <Estimate />
        <RunList />
      </div>
    </Workbench>
  );
}
