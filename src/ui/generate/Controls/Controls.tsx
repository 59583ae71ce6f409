import { type FormEvent, useMemo } from "react";
import { selectActive, selectFamily } from "#state/app.ts";
import { classesShown } from "#state/classes.ts";
import { forecastOf } from "#state/forecast.ts";
import { modelText } from "#state/names.ts";
import { ownTexts } from "#state/ownTexts.ts";
import {
  type GenerateSettings,
  HEAVY_FIRST,
  hasSwitch,
  inTurns,
  LIMITS,
  modelsShown,
  seedsOf,
  withModel,
} from "#state/settings.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { countText } from "#ui/shared/format.ts";
import { NumberField } from "#ui/shared/NumberField.tsx";
import { Segmented } from "#ui/shared/Segmented.tsx";
import side from "#ui/shared/sidePanel.module.css";
import { ClassPicker, EmptyClassPicker } from "../ClassPicker/ClassPicker.tsx";
import { classSheet } from "../ClassPicker/sheets.ts";
import { Downloads } from "../Downloads/Downloads.tsx";
import { TauSlider } from "../TauSlider/TauSlider.tsx";
import styles from "./Controls.module.css";
import { FamilyField } from "./FamilyField.tsx";
import { OwnModelField } from "./OwnModelField.tsx";
import { SeedField } from "./SeedField.tsx";
import { SolverField } from "./SolverField.tsx";

const MODEL_OPTIONS = [
  { value: "light", label: "Light", hint: "The small network alone: fastest" },
  { value: "c2f", label: "Coarse-to-fine", hint: "Both networks: one until τ, the other from there" },
  { value: "heavy", label: "Heavy", hint: "The large network alone: slowest" },
] as const;

const ORDER_OPTIONS = [
  {
    value: "light",
    label: "Light first",
    hint: "The small network until τ: the first steps are the fast ones",
  },
  {
    value: "heavy",
    label: "Heavy first",
    hint: "The large network until τ: nearer to what it draws alone, at about the same price",
  },
] as const;

/** What is drawn, and how; the button that draws it. */
export function Controls() {
  const { session } = useStudio();
  const settings = useApp((app) => app.settings);
  const family = useApp(selectFamily);
  const usable = useApp((app) => !!app.engine.manifest && !!app.engine.backend);
  const active = useApp(selectActive);
  const { model, view, tau, steps, solver, guidance } = settings;
  const tauModel = view === "three" ? inTurns(model) : model;
  const shownModel = model === HEAVY_FIRST ? "c2f" : model;
  const forecast = useMemo(
    () => forecastOf({ model: tauModel, tau, steps, solver, guidance }),
    [tauModel, tau, steps, solver, guidance],
  );
  const nfe = forecast.nfe.light + forecast.nfe.heavy;
  const images = seedsOf(settings).length * modelsShown(settings).length;
  const change = (part: Partial<GenerateSettings>) => session.changeSettings(part);
  const listed =
    MODEL_OPTIONS.some((option) => option.value === shownModel) ||
    (!!family && ownTexts(family).some(({ text }) => text === model));
  const chooseModel = (next: GenerateSettings["model"]) => change(withModel(settings, next));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    session.generate();
  };
  return (
    <form className={side.panel} onSubmit={submit} aria-label="Settings">
      <div className={side.scroll}>
        <FamilyField />
        {family ? (
          <ClassPicker
            classes={family.classes}
            further={classesShown(family, settings).slice(family.classes.length)}
            value={settings.className}
            sheetUrl={classSheet(family)}
            onChange={(className) => change({ className })}
          />
        ) : (
          <EmptyClassPicker />
        )}
        <SeedField />
        <div className={styles.group}>
          <Segmented
            legend="Model"
            options={MODEL_OPTIONS}
            value={shownModel}
            disabled={view === "three"}
            onChange={chooseModel}
          />
          {family && view === "one" && <OwnModelField family={family} value={model} onChange={chooseModel} />}
          {view === "one" && !listed && (
            <p className={styles.note}>The link chose {modelText({ model, tau })}.</p>
          )}
          {view === "three" && <p className={styles.note}>All three are drawn side by side.</p>}
        </div>
        {(tauModel === "c2f" || tauModel === HEAVY_FIRST) && (
          <div className={styles.group}>
            <Segmented
              legend="Order"
              options={ORDER_OPTIONS}
              value={tauModel === HEAVY_FIRST ? "heavy" : "light"}
              onChange={(first) => chooseModel(first === "heavy" ? HEAVY_FIRST : "c2f")}
            />
          </div>
        )}
        <TauSlider
          tau={tau}
          forecast={forecast}
          disabled={!hasSwitch(tauModel)}
          onTauChange={(next) => change({ tau: next })}
        />
        <div className={styles.group}>
          <div className={styles.row}>
            <NumberField
              label="Steps"
              value={steps}
              {...LIMITS.steps}
              onChange={(next) => change({ steps: next })}
            />
            <NumberField
              label="Guidance"
              value={guidance}
              {...LIMITS.guidance}
              step={0.1}
              whole={false}
              onChange={(next) => change({ guidance: next })}
            />
            <SolverField value={solver} onChange={(next) => change({ solver: next })} />
          </div>
          <p className={styles.note}>
            {steps} grid points, {countText(steps - 1, "solver step")}.{" "}
            {guidance === 1 ? "Guidance is off." : "Guidance doubles the passes."}
          </p>
        </div>
        <Downloads family={settings.family} />
      </div>
      <div className={side.bar}>
        <p className={styles.cost}>
          <b>{nfe}</b> NFE, <b>{forecast.passes}</b> network passes{" "}
          {images > 1 ? "for each of" : "for one image"}
          {images > 1 && <b> {countText(images, "image")}</b>}
        </p>
        <div className={styles.buttons}>
          <Button
            look="primary"
            type="submit"
            disabled={!usable}
            className={styles.generate}
            title="Ctrl + Enter, ⌘ + Enter"
          >
            Generate
          </Button>
          {active && (
            <Button onClick={() => session.cancel()} title="Esc">
              Cancel
            </Button>
          )}
        </div>
      </div>
    </form>
  );
}
