import { Button } from "#ui/shared/Button.tsx";
import { aboutText, bytesText, durationText } from "#ui/shared/format.ts";
import { BACKEND_NAMES } from "#ui/shared/stateWords.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import { Trouble } from "../ProblemNotice.tsx";
import { ProgressLine } from "../ProgressLine.tsx";
import { problemWords, stageShare, stageText } from "../words.ts";
import styles from "./Estimate.module.css";

/** What the run would cost on this device, measured by a few of its steps. */
export function Estimate() {
  const finetuning = useFinetuning();
  const estimate = useFinetune((state) => state.estimate);
  const backend = useFinetune((state) => state.trainer.backend);
  return (
    <section aria-labelledby="estimate" className={styles.estimate}>
      <h2 id="estimate">What it costs</h2>
      {estimate.status === "none" && (
        <p className={styles.note}>Measured by a few steps once the settings rest.</p>
      )}
      {estimate.status === "running" && (
        <ProgressLine label="Estimate" share={stageShare(estimate.stage)} text={stageText(estimate.stage)} />
      )}
      {estimate.status === "failed" && (
        <Trouble words={problemWords(estimate.problem)}>
          <Button onClick={finetuning.estimate}>Try again</Button>
        </Trouble>
      )}
      {estimate.status === "done" && <Figures {...estimate.estimate} />}
      {backend && (
        <p className={styles.note}>
          The trainer computes with {BACKEND_NAMES[backend.name]}
          {backend.adapter ? ` (${backend.adapter})` : ""}, beside what draws on the other pages.
          {backend.name === "webgpu" &&
            estimate.status === "done" &&
            ` ${OPTIMIZER_WORDS[estimate.estimate.optimizer]}`}
        </p>
      )}
    </section>
  );
}

/** Told beside the backend: on a graphics device there are two ways. */
const OPTIMIZER_WORDS = {
  device: "The optimizer runs there too.",
  host: "The optimizer runs on the processor.",
} as const;

type Shown = Extract<ReturnType<typeof useEstimate>, { status: "done" }>["estimate"];
const useEstimate = () => useFinetune((state) => state.estimate);

function Figures({
  stepMs,
  lookMs,
  beforeMs,
  totalMs,
  deviceBytes,
  hostBytes,
  storageBytes,
  storageFree,
  parameters,
}: Shown) {
  const tooLarge = storageFree !== null && storageBytes > storageFree;
  return (
    <>
      <dl className={styles.figures}>
        <Figure title="A step" value={durationText(stepMs)} />
        <Figure title="A look" value={durationText(lookMs)} />
        <Figure
          title="In all"
          value={`about ${aboutText(totalMs)}`}
          detail={beforeMs > 1000 ? `${aboutText(beforeMs)} of it before the first step` : undefined}
        />
        <Figure
          title="Memory"
          value={bytesText(deviceBytes + hostBytes)}
          detail={`${bytesText(deviceBytes)} of it at most in one step`}
        />
        <Figure
          title="Storage"
          value={bytesText(storageBytes)}
          detail={storageFree === null ? undefined : `${bytesText(storageFree)} are free`}
        />
        <Figure
          title="Trained numbers"
          value={parameters.trained.toLocaleString("en")}
          detail={
            parameters.trained < 0.9 * parameters.all
              ? `of ${parameters.all.toLocaleString("en")}`
              : undefined
          }
        />
      </dl>
      {tooLarge && (
        <p className={styles.warn}>
          There is less room than the run needs: it could train, but would be lost with the tab. Delete a data
          set or an old run first.
        </p>
      )}
    </>
  );
}

function Figure({
  title,
  value,
  detail,
}: {
  readonly title: string;
  readonly value: string;
  readonly detail?: string | undefined;
}) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {value}
        {detail && <small>{detail}</small>}
      </dd>
    </div>
  );
}
