import { STEPS } from "#state/finetune/finetune.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import { STEP_TITLES, stepDetail } from "../words.ts";
import styles from "./Steps.module.css";

/** The four steps, where each of them stands, and which is shown. */
export function Steps() {
  const finetuning = useFinetuning();
  const current = useFinetune((state) => state.step);
  const details = useFinetune((state) => STEPS.map((step) => stepDetail(step, state)).join("\n")).split("\n");
  return (
    <nav aria-label="Steps of fine-tuning" className={styles.steps}>
      <ol>
        {STEPS.map((step, place) => (
          <li key={step}>
            <button
              type="button"
              aria-current={step === current ? "step" : undefined}
              onClick={() => finetuning.go(step)}
            >
              <span className={styles.number} aria-hidden="true">
                {place + 1}
              </span>
              <span className={styles.words}>
                <b>{STEP_TITLES[step]}</b>
                <small>{details[place] || " "}</small>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
