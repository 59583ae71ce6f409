import { partStatus, partsAsked } from "#state/engine.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { errorWords, partName, type Remedy } from "#ui/shared/errorWords.ts";
import { Icon } from "#ui/shared/Icon.tsx";
import { SOFTWARE_WORDS, stateWords } from "#ui/shared/stateWords.ts";
import type { PartName } from "#workers/protocol.ts";
import styles from "./EngineNotice.module.css";

interface RemedyButtonProps {
  readonly remedy: Remedy;
  /** Parts whose download is to be tried again. */
  readonly failedParts: readonly PartName[];
}

/** The button that a remedy is. */
function RemedyButton({ remedy, failedParts }: RemedyButtonProps) {
  const { session, store } = useStudio();
  switch (remedy.do) {
    case "none":
      return null;
    case "retry-download":
      return (
        <Button
          onClick={() =>
            failedParts.length > 0 ? failedParts.forEach(session.retryDownload) : session.generate()
          }
        >
          Retry
        </Button>
      );
    case "restart":
      return (
        <Button onClick={() => session.restart(store.getState().engine.backend?.requested ?? "auto")}>
          Retry
        </Button>
      );
    case "use-wasm":
      return <Button onClick={() => session.restart("wasm")}>Use WebAssembly</Button>;
    case "smaller-batch":
      return <Button onClick={() => session.generate(remedy.batch)}>Try {remedy.batch} at a time</Button>;
    default:
      return remedy satisfies never;
  }
}

/** What stands in the way, above the pictures; nothing while nothing does. The engine's own trouble comes first, then
 *  downloads that have stopped, then a batch that could not be finished; that it will be slow comes last. */
export function EngineNotice() {
  const engine = useApp((app) => app.engine);
  const family = useApp((app) => app.settings.family);
  const batchState = useApp((app) => app.batch?.state);
  const state = stateWords(engine.state);
  const failures = partsAsked(engine, family).flatMap((part) => {
    const status = partStatus(engine, family, part);
    return status.status === "failed" ? [{ part, words: errorWords(status.error) }] : [];
  });
  const [failure] = failures;
  const trouble = () => {
    // A software adapter is passed over for WebAssembly within a moment; it is trouble only where it computes.
    const passing = engine.state.status === "software-adapter";
    if (!passing && (state.tone === "bad" || state.tone === "warning")) return { title: null, ...state };
    if (failure) return { ...failure.words, title: `${failure.words.title} (${partName(failure.part)})` };
    if (batchState?.status === "failed") return errorWords(batchState.error);
    return engine.backend?.software ? SOFTWARE_WORDS : null;
  };
  const words = trouble();
  if (!words) return null;
  return (
    <div
      className={styles.notice}
      role="alert"
      data-tone={words.remedy.do === "use-wasm" && engine.backend?.software ? "warning" : state.tone}
    >
      <Icon name="alert" />
      <p>
        {words.title && <b>{words.title}. </b>}
        {words.text}
      </p>
      <RemedyButton remedy={words.remedy} failedParts={failures.map(({ part }) => part)} />
    </div>
  );
}
