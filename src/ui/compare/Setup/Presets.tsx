import { useMemo } from "react";
import type { Family } from "#checkpoints/manifest.ts";
import { presetsFor } from "#compare/presets.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import chip from "#ui/shared/chip.module.css";
import { useComparison, useComparisons } from "../context.ts";
import styles from "./Presets.module.css";

export interface PresetsProps {
  readonly family: Family;
}

/** Whether the grid asks this question; how it is looked at does not count. */
function asks(now: ComparisonSettings, preset: ComparisonSettings): boolean {
  const question = ({ columns, rows, panels, fixed }: ComparisonSettings) =>
    JSON.stringify([columns.name, columns.values, rows.name, rows.values, panels, fixed]);
  return question(now) === question(preset);
}

/** Questions worth asking, each with the grid that answers it. */
export function Presets({ family }: PresetsProps) {
  const comparisons = useComparisons();
  const settings = useComparison((comparison) => comparison.settings);
  const presets = useMemo(() => presetsFor(family), [family]);
  const asked = presets.find((preset) => asks(settings, preset.settings));
  return (
    <fieldset className={chip.chips}>
      <legend>Questions</legend>
      <div className={styles.list}>
        {presets.map((preset) => (
          <button
            key={preset.id}
            type="button"
            className={chip.chip}
            title={preset.about}
            aria-pressed={preset === asked}
            onClick={() => comparisons.change(preset.settings)}
          >
            {preset.title}
          </button>
        ))}
      </div>
      <p className={styles.about}>{asked?.about ?? "A comparison of your own."}</p>
    </fieldset>
  );
}
