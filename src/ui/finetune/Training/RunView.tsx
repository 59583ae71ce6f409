import { lazy, Suspense } from "react";
import { type LiveRun, stepMsOf, trainingLeftMs } from "#state/finetune/training.ts";
import { Button } from "#ui/shared/Button.tsx";
import { aboutText, durationText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import { Trouble } from "../ProblemNotice.tsx";
import { ProgressLine } from "../ProgressLine.tsx";
import { runStatus, stageShare, stageText, storageText, trainerWords } from "../words.ts";
import styles from "./RunView.module.css";
import { Samples } from "./Samples.tsx";

const RunCharts = lazy(() => import("./RunCharts.tsx").then((module) => ({ default: module.RunCharts })));

export interface RunViewProps {
  readonly run: LiveRun;
}

/** A run: where it stands, what it has learned, and what can be done with it. */
export function RunView({ run }: RunViewProps) {
  const finetuning = useFinetuning();
  const pair = useFinetune((now) => now.pair);
  const { state, plan, step, steps, notKept, keptStep } = run;
  const isUnderWay = state.status === "preparing" || state.status === "training";
  const left = state.status === "training" ? trainingLeftMs(run) : null;
  const stepMs = stepMsOf(run);
  return (
    <div className={styles.run} data-run={state.status}>
      <header className={styles.head}>
        <div className={styles.words}>
          <h2>{plan.name}</h2>
          {pair?.status === "training" && (
            <p className={styles.pair}>
              {pair.at === "full" ? "First of two: all pictures" : "Second of two: the kept pictures"}
            </p>
          )}
          <p role="status">{runStatus(run)}</p>
        </div>
        <div className={styles.buttons}>
          {isUnderWay && (
            <>
              <Button
                icon="pause"
                disabled={state.status === "training" && state.wish !== null}
                onClick={finetuning.pauseRun}
              >
                Pause
              </Button>
              <Button
                icon="stop"
                disabled={state.status !== "training" || state.wish !== null || step === 0}
                onClick={finetuning.stopRun}
              >
                Stop and keep
              </Button>
            </>
          )}
          {(state.status === "paused" || state.status === "failed") && (
            <Button look="primary" icon="play" onClick={() => finetuning.resumeRun()}>
              {step === 0 ? "Start" : "Go on"}
            </Button>
          )}
          {state.status === "finished" && (
            <Button look="primary" onClick={() => finetuning.go("result")}>
              Next: result
            </Button>
          )}
          {!isUnderWay && <Button onClick={finetuning.closeRun}>Close</Button>}
        </div>
      </header>
      {state.status === "preparing" && (
        <ProgressLine label="Preparing" share={stageShare(state.stage)} text={stageText(state.stage)} />
      )}
      {state.status !== "preparing" && (
        <ProgressLine
          label="Training"
          share={steps > 0 ? step / steps : 0}
          text={[
            `step ${step} of ${steps}`,
            stepMs !== null && `${durationText(stepMs)} a step`,
            left !== null && left > 0 && `about ${aboutText(left)} left`,
            keptStep !== null && isUnderWay && `kept up to step ${keptStep}`,
          ]
            .filter(Boolean)
            .join(", ")}
        />
      )}
      {state.status === "failed" && (
        <div role="alert">
          <Trouble words={trainerWords(state.error)}>
            {state.error.kind === "TrainingOutOfMemory" && state.error.suggestedMicroBatch !== null && (
              <SmallerBatch microBatch={state.error.suggestedMicroBatch} />
            )}
          </Trouble>
        </div>
      )}
      {notKept && (
        <div role="alert">
          <Trouble
            words={{
              title: "The run cannot be kept at the moment",
              text: `${storageText(notKept)} It goes on, but is lost when this tab is closed.`,
            }}
          />
        </div>
      )}
      <Samples run={run} />
      <Suspense fallback={<p className={styles.quiet}>Loading the charts.</p>}>
        <RunCharts run={run} />
      </Suspense>
    </div>
  );
}

function SmallerBatch({ microBatch }: { readonly microBatch: number }) {
  const finetuning = useFinetuning();
  return (
    <Button onClick={() => finetuning.resumeRun({ microBatch })}>Go on with {microBatch} at once</Button>
  );
}
