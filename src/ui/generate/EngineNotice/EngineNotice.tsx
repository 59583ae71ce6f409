import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import type { Remedy, Words } from "#ui/shared/errorWords.ts";
import { errorWords } from "#ui/shared/errorWords.ts";
import { Icon } from "#ui/shared/Icon.tsx";
import { stateWords } from "#ui/shared/stateWords.ts";
import styles from "./EngineNotice.module.css";

/** The button that a remedy is. */
function RemedyButton({ remedy }: { readonly remedy: Remedy }) {
  const { session, store } = useStudio();
  switch (remedy.do) {
    case "none":
      return null;
    case "retry-download":
    case "generate-again":
      return <Button onClick={() => session.generate()}>Retry</Button>;
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

/** What stands in the way, above the pictures; nothing while nothing does. */
export function EngineNotice() {
  const state = useApp((app) => app.engine.state);
  const batchState = useApp((app) => app.batch?.state);
  const engineWords = stateWords(state);
  const words: (Pick<Words, "text" | "remedy"> & { readonly title?: string }) | null =
    engineWords.tone === "bad" || engineWords.tone === "warning"
      ? engineWords
      : batchState?.status === "failed"
        ? errorWords(batchState.error)
        : null;
  if (!words) return null;
  return (
    <div className={styles.notice} role="alert" data-tone={engineWords.tone}>
      <Icon name="alert" />
      <p>
        {words.title && <b>{words.title}. </b>}
        {words.text}
      </p>
      <RemedyButton remedy={words.remedy} />
    </div>
  );
}
