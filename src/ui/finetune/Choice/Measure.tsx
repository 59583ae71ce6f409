import { useState } from "react";
import type { Evidence } from "#state/finetune/criteria.ts";
import { missingFor } from "#state/finetune/scores.ts";
import { Button } from "#ui/shared/Button.tsx";
import { Icon } from "#ui/shared/Icon.tsx";
import { useFamily, useFinetune, useFinetuning } from "../context.ts";
import { Trouble } from "../ProblemNotice.tsx";
import { ProgressLine } from "../ProgressLine.tsx";
import { EVIDENCE_WORDS, stageShare, stageText, trainerWords } from "../words.ts";
import styles from "./Measure.module.css";

const ALL: readonly Evidence[] = ["features", "loss", "gradient", "dominance"];

/** What is measured of every picture, so that criteria can choose. */
export function Measure() {
  const finetuning = useFinetuning();
  const family = useFamily();
  const run = useFinetune((state) => state.scoring.run);
  const scores = useFinetune((state) => state.scoring.scores);
  const features = useFinetune((state) => state.choice.features);
  const criterion = useFinetune((state) => state.choice.criterion);
  const [wanted, setWanted] = useState<ReadonlySet<Evidence>>(new Set(["features", "loss"]));
  const has = (evidence: Evidence) =>
    scores !== null && scores[evidence === "features" ? "clusters" : evidence] !== null;
  const missing = missingFor(criterion, scores);
  const open = ALL.filter((evidence) => !has(evidence));
  const chosen = open.filter((evidence) => wanted.has(evidence) || missing.includes(evidence));
  const isRunning = run.status === "running" && run.wanted.length > 0;
  return (
    <section aria-labelledby="measure">
      <h2 id="measure" className={styles.title}>
        Measured
      </h2>
      <ul className={styles.list}>
        {ALL.map((evidence) => (
          <li key={evidence}>
            {has(evidence) ? (
              <p className={styles.there}>
                <Icon name="check" />
                <b>{EVIDENCE_WORDS[evidence].title}</b>
              </p>
            ) : (
              <label className={styles.open}>
                <input
                  type="checkbox"
                  checked={chosen.includes(evidence)}
                  disabled={isRunning || missing.includes(evidence)}
                  onChange={({ currentTarget }) => {
                    const next = new Set(wanted);
                    if (currentTarget.checked) next.add(evidence);
                    else next.delete(evidence);
                    setWanted(next);
                  }}
                />
                <span>
                  <b>{EVIDENCE_WORDS[evidence].title}</b>
                  <small>{EVIDENCE_WORDS[evidence].text}</small>
                </span>
              </label>
            )}
          </li>
        ))}
      </ul>
      {family?.features?.embedding && (
        <label className={styles.features}>
          <span>Features by</span>
          <select
            value={features}
            disabled={isRunning}
            onChange={({ currentTarget }) =>
              finetuning.lookWith(currentTarget.value === "embedding" ? "embedding" : "model")
            }
          >
            <option value="model">the heavy model</option>
            <option value="embedding">the embedding network</option>
          </select>
        </label>
      )}
      {run.status === "failed" && (
        <div role="alert" className={styles.alert}>
          <Trouble words={trainerWords(run.error)} />
        </div>
      )}
      {isRunning && (
        <ProgressLine label="Measuring" share={stageShare(run.stage)} text={stageText(run.stage)} />
      )}
      {run.status === "paused" && <p className={styles.paused}>Paused. What has been measured is kept.</p>}
      {isRunning ? (
        <div className={styles.buttons}>
          <Button icon="pause" disabled={run.pausing} onClick={finetuning.pauseMeasuring}>
            {run.pausing ? "Pausing" : "Pause"}
          </Button>
          <Button onClick={finetuning.cancelMeasuring}>Cancel</Button>
        </div>
      ) : (
        open.length > 0 && (
          <Button
            icon="play"
            className={styles.measure}
            disabled={!family || chosen.length === 0}
            onClick={() => finetuning.measure(chosen)}
          >
            {run.status === "paused" ? "Go on" : "Measure"}
          </Button>
        )
      )}
    </section>
  );
}
