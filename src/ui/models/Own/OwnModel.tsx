import { useState } from "react";
import type { LocalModel } from "#library/localModel.ts";
import { networkWords } from "#library/networkWords.ts";
import { ConfirmButton } from "#ui/shared/ConfirmButton.tsx";
import { useApp } from "#ui/shared/context.ts";
import { bytesText } from "#ui/shared/format.ts";
import { useModels } from "../context.ts";
import { type Fact, Facts } from "../Facts.tsx";
import { metricFacts, parametersText, recipeFacts } from "../facts.ts";
import part from "../Shipped/Part.module.css";
import { ExportDialog } from "./ExportDialog.tsx";
import { compareAddress, drawAddress } from "./links.ts";
import styles from "./OwnModel.module.css";
import { RenameDialog } from "./RenameDialog.tsx";

export interface OwnModelProps {
  readonly model: LocalModel;
  /** It was taken in just now. */
  readonly isNew: boolean;
}

const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/** One of the reader's own models: a line that opens to all that is known of it and all that can be done with it. */
export function OwnModel({ model, isNew }: OwnModelProps) {
  const models = useModels();
  const settings = useApp((app) => app.settings);
  const family = useApp((app) => app.engine.manifest?.families.find(({ name }) => name === model.family));
  const usable = family?.models.some(({ name }) => name === model.id) ?? false;
  const [open, setOpen] = useState(isNew);
  const measured = metricFacts(model.metrics);
  return (
    <li className={part.part}>
      <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className={part.line}>
          <span className={part.name}>
            <b>{model.name}</b>
            <small>{aboutText(model, family?.title)}</small>
          </span>
          <span className={part.number}>
            <span className={part.spoken}>Parameters: </span>
            {parametersText(model.parameters)}
          </span>
          <span className={part.number}>
            <span className={part.spoken}>Size: </span>
            {bytesText(model.bytes)}
          </span>
          <span className={part.state}>{day.format(model.createdAt)}</span>
        </summary>
        <div className={styles.actions}>
          {usable && family && (
            <>
              <a className={styles.link} href={drawAddress(settings, family, model)}>
                Draw with it
              </a>
              <a className={styles.link} href={compareAddress(family, model)}>
                Compare
              </a>
            </>
          )}
          <ExportDialog model={model} />
          <RenameDialog model={model} />
          <ConfirmButton
            label="Delete"
            title={`Delete ${model.name}?`}
            text="It is kept in this browser alone; without an exported file it is gone for good."
            confirm="Delete the model"
            onConfirm={() => models.remove(model.id)}
          />
        </div>
        {family && !usable && (
          <p className={styles.problem}>
            It does not fit the models of {family.title} that this page has now, so nothing can be drawn with
            it here.
          </p>
        )}
        <div className={part.more}>
          <div>
            <h3>Recipe</h3>
            <Facts
              facts={[["Network", networkWords(model)], ...recipeFacts(model.recipe), ...ownFacts(model)]}
            />
          </div>
          <div>
            <h3>Measured</h3>
            {measured.length > 0 ? (
              <Facts facts={measured} />
            ) : (
              <p className={part.none}>Nothing was measured yet.</p>
            )}
          </div>
        </div>
      </details>
    </li>
  );
}

function aboutText({ kind, base, family }: LocalModel, title: string | undefined): string {
  const from = base ? ` from ${base.name}` : "";
  const where = title ?? `the family ${family}, which is not here`;
  return `${kind === "imported" ? "Imported" : "Fine-tuned"}${from}, for ${where}`;
}

const ownFacts = ({ licence, classes, lora, id, sha256 }: LocalModel): readonly Fact[] => [
  ["Licence", licence || "not stated"],
  ...(classes.length > 0 ? [["Further classes", classes.join(", ")] as const] : []),
  ...(lora ? [["Low-rank", `rank ${lora.rank}, added to ${lora.of.name}`] as const] : []),
  ["In links", id],
  ["SHA-256", sha256],
];
