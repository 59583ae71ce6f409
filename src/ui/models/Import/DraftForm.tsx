import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Askable, Draft, Fit } from "#library/draft.ts";
import type { ImportError } from "#library/importError.ts";
import { LONGEST_NAME } from "#library/localModel.ts";
import { networkWords } from "#library/networkWords.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useApp } from "#ui/shared/context.ts";
import dialog from "#ui/shared/dialog.module.css";
import field from "#ui/shared/field.module.css";
import { bytesText } from "#ui/shared/format.ts";
import { NumberField } from "#ui/shared/NumberField.tsx";
import { useModels } from "../context.ts";
import { type Fact, Facts } from "../Facts.tsx";
import { parametersText } from "../facts.ts";
import form from "../form.module.css";
import { importWords } from "../words.ts";
import { ClassFields } from "./ClassFields.tsx";

export interface DraftFormProps {
  readonly draft: Draft;
  /** Why the last answers were not taken. */
  readonly refused: ImportError | null;
  readonly busy: boolean;
}

/** What was read, and what the reader says of it before it is kept. */
export function DraftForm({ draft, refused, busy }: DraftFormProps) {
  const models = useModels();
  const families = useApp((app) => app.engine.manifest?.families) ?? [];
  const [name, setName] = useState(draft.said.name);
  const [licence, setLicence] = useState(draft.said.licence);
  const [fitIndex, setFitIndex] = useState(0);
  const [classes, setClasses] = useState<readonly string[]>(draft.said.classes);
  const first = useRef<HTMLInputElement>(null);
  // The dialog opened while the file was being read, with nothing in it to write in.
  useEffect(() => first.current?.focus(), []);
  const asked = askedOf(draft);
  const [answer, setAnswer] = useState(asked?.guess ?? 1);
  const fit = draft.fits[fitIndex] ?? draft.fits[0];
  if (!fit) return null;
  const named = Array.from({ length: fit.newClasses }, (_, i) => classes[i] ?? `class-${i + 1}`);
  const titleOf = ({ family, autoencoder }: Fit) =>
    `${families.find((one) => one.name === family)?.title ?? family}${autoencoder ? `, autoencoder ${autoencoder}` : ""}`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    models.keep({
      name,
      fit,
      classes: named,
      licence: licence.trim(),
      known: asked ? { [asked.field]: answer } : {},
    });
  };
  return (
    <form className={form.form} onSubmit={submit}>
      <Facts facts={factsOf(draft, titleOf(fit))} />
      <label className={field.field}>
        <span>Name</span>
        <input
          ref={first}
          type="text"
          required
          maxLength={LONGEST_NAME}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      {draft.fits.length > 1 && (
        <label className={field.field}>
          <span>Draws in the latents of</span>
          <select value={fitIndex} onChange={({ currentTarget }) => setFitIndex(Number(currentTarget.value))}>
            {draft.fits.map((one, i) => (
              <option key={titleOf(one)} value={i}>
                {titleOf(one)}
              </option>
            ))}
          </select>
          <small>Several fit in size; the one that it was trained in gives pictures.</small>
        </label>
      )}
      {asked && (
        <div>
          <NumberField label={asked.label} value={answer} min={1} max={1024} onChange={setAnswer} />
          <p className={dialog.text}>The file does not say how many; with another number it draws noise.</p>
        </div>
      )}
      <ClassFields names={named} onChange={setClasses} />
      <label className={field.field}>
        <span>Licence</span>
        <input
          type="text"
          placeholder="not stated"
          maxLength={120}
          value={licence}
          onChange={({ currentTarget }) => setLicence(currentTarget.value)}
        />
      </label>
      {refused && (
        <p role="alert" className={form.wrong}>
          <b>{importWords(refused).title}.</b> {importWords(refused).text}
        </p>
      )}
      <div className={dialog.buttons}>
        <Button onClick={() => models.drop()}>Cancel</Button>
        <Button look="primary" type="submit" disabled={busy}>
          {busy ? "Adding…" : "Add model"}
        </Button>
      </div>
    </form>
  );
}

/** A number that the file leaves open and that pictures depend on. */
function askedOf({
  network,
  assumed,
}: Draft): { readonly field: Askable; readonly label: string; readonly guess: number } | null {
  if (network.architecture === "dit")
    return assumed.includes("num_heads")
      ? { field: "num_heads", label: "Attention heads", guess: network.config.num_heads }
      : null;
  return assumed.includes("groups")
    ? { field: "groups", label: "Groups of its normalisation", guess: network.config.groups }
    : null;
}

const SOURCES = {
  ema: "the averaged weights (ema)",
  model: "the raw weights (model); there are no averaged ones",
  state_dict: "the entry state_dict",
  bare: "a bare state dict",
} as const;

function factsOf(draft: Draft, family: string): readonly Fact[] {
  const { files, source, network, parameters, precision, bytes, leftOut, mergedInto } = draft;
  return [
    ["Read", files.join(", ")],
    ...(source ? [["Taken", SOURCES[source]] as const] : []),
    ["Network", networkWords(network)],
    ["Size", `${parametersText(parameters)} parameters, ${precision}, ${bytesText(bytes)}`],
    ["For", family],
    ...(mergedInto ? [["Added to", mergedInto.name] as const] : []),
    ...(leftOut.length > 0
      ? [
          [
            "Left out",
            `${leftOut.slice(0, 6).join(", ")}${leftOut.length > 6 ? ` and ${leftOut.length - 6} more` : ""}, which the network does not have`,
          ] as const,
        ]
      : []),
  ];
}
