import { type FormEvent, useRef } from "react";
import type { Axis, AxisName } from "#compare/axis.ts";
import { axisOf } from "#compare/values.ts";
import { useApp } from "#ui/shared/context.ts";
import side from "#ui/shared/sidePanel.module.css";
import { Downloads } from "../../generate/Downloads/Downloads.tsx";
import { useComparison, useComparisons, useLookStore } from "../context.ts";
import { useCompareKeys } from "../useCompareKeys.ts";
import { AxisField } from "./AxisField.tsx";
import { axisProblem, DIRECTIONS, idleText, usualText, withAxisName } from "./axes.ts";
import { FamilyChoice } from "./FamilyChoice.tsx";
import { FixedFields } from "./FixedFields.tsx";
import { Presets } from "./Presets.tsx";
import { RunBar } from "./RunBar.tsx";
import styles from "./Setup.module.css";

/** What is compared, and the button that draws it. */
export function Setup() {
  const comparisons = useComparisons();
  const family = useComparison((comparison) => comparison.family);
  const usable = useApp((app) => !!app.engine.manifest && !!app.engine.backend);
  const settings = useComparison((comparison) => comparison.settings);
  const look = useLookStore();
  const form = useRef<HTMLFormElement>(null);
  useCompareKeys(comparisons, form);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // What a field says must be what is drawn.
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (wrong) wrong.focus();
    else if (comparisons.store.getState().run.status === "paused") comparisons.resume();
    else comparisons.start();
  };
  return (
    <form
      className={`${side.panel} ${styles.panel}`}
      onSubmit={submit}
      ref={form}
      noValidate
      aria-label="Comparison"
    >
      <div className={side.scroll}>
        {family && (
          <>
            <FamilyChoice family={family} />
            <Presets family={family} />
            <div className={styles.axes}>
              {DIRECTIONS.map(({ name: direction, title }) => (
                <AxisField
                  key={direction}
                  title={title}
                  axis={settings[direction]}
                  family={family}
                  optional={direction === "panels"}
                  idle={idleText(settings[direction], settings)}
                  problemWith={(axis) => axisProblem(direction, axis, settings, family)}
                  onJudged={(why) => {
                    const { [direction]: _, ...others } = look.getState().wrong;
                    look.setState({ wrong: why === null ? others : { ...others, [direction]: why } });
                  }}
                  onChooseAxis={(name) =>
                    comparisons.change(
                      withAxisName(
                        settings,
                        direction,
                        name,
                        (one: AxisName): Axis => axisOf(one, usualText(one, family)),
                      ),
                    )
                  }
                  onChangeAxis={(axis) => comparisons.change({ [direction]: axis })}
                />
              ))}
            </div>
            <FixedFields family={family} />
            <Downloads family={family.name} />
          </>
        )}
      </div>
      <RunBar usable={usable} />
    </form>
  );
}
