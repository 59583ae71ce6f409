import { useMemo } from "react";
import type { Family } from "#checkpoints/manifest.ts";
import type { AxisName } from "#compare/axis.ts";
import { axesOf } from "#compare/grid.ts";
import type { FixedSettings } from "#compare/settings.ts";
import { modelWords } from "#compare/words.ts";
import { forecastOf } from "#state/forecast.ts";
import { ownTexts } from "#state/ownTexts.ts";
import { hasSwitch, LIMITS, MIXED, withModel } from "#state/settings.ts";
import field from "#ui/shared/field.module.css";
import { NumberField } from "#ui/shared/NumberField.tsx";
import { SolverField } from "../../generate/Controls/SolverField.tsx";
import { TauSlider } from "../../generate/TauSlider/TauSlider.tsx";
import { useComparison, useComparisons } from "../context.ts";
import { modelTextsOf } from "./axes.ts";
import styles from "./FixedFields.module.css";

export interface FixedFieldsProps {
  readonly family: Family;
}

/** What every picture has alike: all that no axis changes. */
export function FixedFields({ family }: FixedFieldsProps) {
  const comparisons = useComparisons();
  const settings = useComparison((comparison) => comparison.settings);
  const { fixed } = settings;
  const { model, tau, steps, solver, guidance } = fixed;
  const changes = useMemo(() => new Set<AxisName>(axesOf(settings).map((axis) => axis.name)), [settings]);
  // Where steps, solvers or models change over the grid, the marks under the slider are those of the first that has a switch.
  const axes = axesOf(settings);
  const firstSteps = axes.find((axis) => axis.name === "steps")?.values[0] ?? steps;
  const firstSolver = axes.find((axis) => axis.name === "solver")?.values[0] ?? solver;
  const models = axes.find((axis) => axis.name === "model")?.values ?? [model];
  const ordered = models.find(hasSwitch) ?? "c2f";
  const forecast = useMemo(
    () => forecastOf({ model: ordered, tau, guidance, steps: firstSteps, solver: firstSolver }),
    [ordered, tau, guidance, firstSteps, firstSolver],
  );
  const own = new Map(ownTexts(family).map(({ text, label }) => [text, label]));
  const further = family.models.flatMap((one) => one.classes ?? []);
  const classNames = [...new Set([...family.classes.map(({ name }) => name), ...further])];
  const change = (part: Partial<FixedSettings>) => comparisons.change({ fixed: { ...fixed, ...part } });
  const isSwitched = hasSwitch(model) || changes.has("model");
  return (
    <fieldset className={styles.fixed}>
      <legend>Alike in all pictures</legend>
      {!changes.has("seed") && (
        <div className={styles.line}>
          <NumberField
            label="Seed"
            value={fixed.seed}
            {...LIMITS.seed}
            onChange={(seed) => change({ seed })}
          />
        </div>
      )}
      <div className={styles.pair}>
        {!changes.has("model") && (
          <label className={field.field}>
            <span>Model</span>
            <select
              value={model}
              onChange={({ currentTarget }) => change(withModel(fixed, currentTarget.value))}
            >
              {[...new Set([...modelTextsOf(family), model])].map((text) => (
                <option key={text} value={text}>
                  {own.get(text) ?? modelWords(text)}
                </option>
              ))}
            </select>
          </label>
        )}
        {!changes.has("class") && (
          <label className={field.field}>
            <span>Class</span>
            <select
              value={fixed.className}
              onChange={({ currentTarget }) => change({ className: currentTarget.value })}
            >
              {classNames.map((name) => (
                <option key={name}>{name}</option>
              ))}
              <option value={MIXED}>{MIXED}, by seed</option>
            </select>
          </label>
        )}
      </div>
      {!changes.has("tau") && isSwitched && (
        <TauSlider
          tau={tau}
          forecast={forecast}
          disabled={false}
          onTauChange={(next) => change({ tau: next })}
        />
      )}
      <div className={styles.row}>
        {!changes.has("steps") && (
          <div className={styles.number}>
            <NumberField
              label="Steps"
              value={steps}
              {...LIMITS.steps}
              onChange={(next) => change({ steps: next })}
            />
          </div>
        )}
        {!changes.has("guidance") && (
          <div className={styles.number}>
            <NumberField
              label="Guidance"
              value={guidance}
              {...LIMITS.guidance}
              step={0.1}
              whole={false}
              onChange={(next) => change({ guidance: next })}
            />
          </div>
        )}
        {!changes.has("solver") && (
          <SolverField value={solver} onChange={(next) => change({ solver: next })} />
        )}
      </div>
    </fieldset>
  );
}
