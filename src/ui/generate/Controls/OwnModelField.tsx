import type { Family } from "#checkpoints/manifest.ts";
import { ownTexts } from "#state/ownTexts.ts";
import field from "#ui/shared/field.module.css";

export interface OwnModelFieldProps {
  readonly family: Family;
  readonly value: string;
  onChange(model: string): void;
}

/** Models of the reader's own, alone and from coarse to fine; shown where there are any. */
export function OwnModelField({ family, value, onChange }: OwnModelFieldProps) {
  const texts = ownTexts(family);
  if (texts.length === 0) return null;
  const known = texts.some(({ text }) => text === value);
  return (
    <label className={field.beside}>
      <span>Or yours</span>
      <select
        value={known ? value : ""}
        onChange={({ currentTarget }) => onChange(currentTarget.value || family.defaults.model)}
      >
        <option value="">{known ? "none of them" : "choose one of your models"}</option>
        {texts.map(({ text, label }) => (
          <option key={text} value={text}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}
