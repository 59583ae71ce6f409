import type { RunState } from "#state/compare/comparison.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { errorWords, type Remedy } from "#ui/shared/errorWords.ts";
import { Icon } from "#ui/shared/Icon.tsx";
import { SOFTWARE_WORDS, stateWords } from "#ui/shared/stateWords.ts";
import { useComparison, useComparisons } from "./context.ts";
import styles from "./RunNotice.module.css";
import { troubleWords } from "./words.ts";

/** Memory comes and goes: what did not fit may fit now, on the same backend as well. */
const canTryAgain = (run: RunState): boolean =>
  run.status === "failed" && run.error.kind === "OutOfMemory" && run.error.suggestedBatch === null;

/** What stands in the way of the grid, and what can be done; nothing while nothing does. */
export function RunNotice() {
  const { session, store } = useStudio();
  const comparisons = useComparisons();
  const engine = useApp((app) => app.engine.state);
  const backend = useApp((app) => app.engine.backend?.name ?? null);
  const software = useApp((app) => app.engine.backend?.software ?? false);
  const run = useComparison((comparison) => comparison.run);
  const featuresError = useComparison((comparison) => comparison.featuresError);
  const restart = (backend: "wasm" | null) =>
    session.restart(backend ?? store.getState().engine.backend?.requested ?? "auto");
  const trouble = () => {
    if (run.status === "failed") return troubleWords(run.error, backend);
    // A software adapter is passed over for WebAssembly within a moment; it is trouble only where it computes.
    const state = stateWords(engine);
    const passing = engine.status === "software-adapter";
    if (!passing && (state.tone === "bad" || state.tone === "warning"))
      return { title: null, text: state.text, remedy: state.remedy };
    if (software) return SOFTWARE_WORDS;
    if (!featuresError) return null;
    const { title, text } = errorWords(featuresError);
    const remedy: Remedy = { do: "retry-download" };
    return {
      title: "Pictures are compared without the feature networks",
      text: `${title}. ${text}`,
      remedy,
    };
  };
  const words = trouble();
  if (!words) return null;
  const { title, text, remedy } = words;
  return (
    <div className={styles.notice} role="alert">
      <Icon name="alert" />
      <p>
        {title && <b>{title}. </b>}
        {text}
      </p>
      {remedy.do === "use-wasm" && <Button onClick={() => restart("wasm")}>Use WebAssembly</Button>}
      {remedy.do === "restart" && <Button onClick={() => restart(null)}>Start again</Button>}
      {(remedy.do === "retry-download" || remedy.do === "smaller-batch" || canTryAgain(run)) && (
        <Button onClick={() => comparisons.start()}>Try again</Button>
      )}
    </div>
  );
}
