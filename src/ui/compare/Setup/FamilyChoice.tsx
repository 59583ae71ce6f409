import type { Family } from "#checkpoints/manifest.ts";
import { moveTheSwitch } from "#compare/presets.ts";
import { useApp } from "#ui/shared/context.ts";
import { useComparisons } from "../context.ts";
import styles from "./AxisField.module.css";

export interface FamilyChoiceProps {
  readonly family: Family;
}

/** Families of models; shown where there is more than one. Another one has other models and classes, so its comparison
 *  begins anew. */
export function FamilyChoice({ family }: FamilyChoiceProps) {
  const comparisons = useComparisons();
  const families = useApp((app) => app.engine.manifest?.families);
  if (!families || families.length < 2) return null;
  return (
    <label className={styles.axis}>
      <span className={styles.title}>Family</span>
      <select
        className={styles.select}
        value={family.name}
        onChange={({ currentTarget }) => {
          const chosen = families.find(({ name }) => name === currentTarget.value);
          if (chosen) comparisons.change(moveTheSwitch(chosen));
        }}
      >
        {families.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
