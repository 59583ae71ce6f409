import { Suspense, use } from "react";
import type { StorageError } from "#files/byteFiles.ts";
import type { LocalModel } from "#library/localModel.ts";
import { baseAddress } from "#state/finetune/links.ts";
import type { LiveRun } from "#state/finetune/training.ts";
import { ModelsContext } from "#ui/models/context.ts";
import { ExportDialog } from "#ui/models/Own/ExportDialog.tsx";
import { drawAddress } from "#ui/models/Own/links.ts";
import { RenameDialog } from "#ui/models/Own/RenameDialog.tsx";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { bytesText, countText, durationText } from "#ui/shared/format.ts";
import { useFamily, useFinetuning } from "../context.ts";
import { Trouble } from "../ProblemNotice.tsx";
import { Samples } from "../Training/Samples.tsx";
import { storageText } from "../words.ts";
import styles from "./Made.module.css";
import { Report } from "./Report.tsx";

export interface MadeProps {
  readonly run: LiveRun;
  readonly model: LocalModel;
  /** Why the library does not have it. */
  readonly notKept: StorageError | null;
}

/** A model that was made here: what it can do now, how it draws, and how it compares. */
export function Made({ run, model: made, notKept }: MadeProps) {
  const finetuning = useFinetuning();
  const family = useFamily();
  const settings = useApp((app) => app.settings);
  // The list of models has its name of today.
  const title = useApp(
    (app) =>
      app.engine.manifest?.families.flatMap(({ models }) => models).find(({ name }) => name === made.id)
        ?.title,
  );
  const model = { ...made, name: title ?? made.name };
  const { plan, step, curve } = run;
  const compare = family && baseAddress(family, run);
  const trained = curve.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <>
      <section aria-labelledby="made" className={styles.made}>
        <div className={styles.head}>
          <div className={styles.words}>
            <h2 id="made">{model.name}</h2>
            <p>
              {plan.target === "light" ? "Light" : "Heavy"} model
              {model.base ? ` from ${model.base.name}` : " from random weights"}
              {plan.mode.kind === "lora" ? `, LoRA of rank ${plan.mode.rank}` : ""} ·{" "}
              {countText(step, "step")} on {countText(plan.selection.kept.length, "picture")} in{" "}
              {durationText(trained)} · {bytesText(model.bytes)}
            </p>
          </div>
          <div className={styles.buttons}>
            {family && !notKept && (
              <a className={styles.primary} href={drawAddress(settings, family, model)}>
                Draw with it
              </a>
            )}
            {compare && !notKept && (
              <a className={styles.link} href={compare}>
                Compare with the base
              </a>
            )}
            {!notKept && (
              <Suspense fallback={null}>
                <Actions model={model} />
              </Suspense>
            )}
            <Button look="quiet" onClick={finetuning.closeRun}>
              Other runs
            </Button>
          </div>
        </div>
        {notKept && (
          <div role="alert">
            <Trouble
              words={{
                title: "The model could not be put among yours",
                text: `${storageText(notKept)} Its run is kept: make room and finish it again.`,
              }}
            >
              <Button onClick={() => finetuning.resumeRun()}>Try again</Button>
            </Trouble>
          </div>
        )}
        {!notKept && (
          <p className={styles.note}>
            It stands among <a href="#/models">your models</a> and can be chosen wherever the shipped ones
            can.
          </p>
        )}
      </section>
      <Samples run={run} />
      <Report run={run} />
    </>
  );
}

function Actions({ model }: { readonly model: LocalModel }) {
  const models = use(useStudio().models());
  return (
    <ModelsContext value={models}>
      <RenameDialog model={model} />
      <ExportDialog model={model} />
    </ModelsContext>
  );
}
