import { findModel } from "#checkpoints/manifest.ts";
import { trainableModels, withModelsOf } from "#state/finetune/plan.ts";
import { learningRateOf, TRAIN_LIMITS, usualRate } from "#state/finetune/trainSettings.ts";
import field from "#ui/shared/field.module.css";
import { NumberField } from "#ui/shared/NumberField.tsx";
import { Segmented } from "#ui/shared/Segmented.tsx";
import { useFamily, useFinetune, useFinetuning } from "../context.ts";
import { Classes } from "./Classes.tsx";
import styles from "./TrainPanel.module.css";

const SCRATCH = "scratch:";

/** What a run is to do. */
export function TrainPanel() {
  const { changeTraining } = useFinetuning();
  const family = useFamily();
  const wished = useFinetune((state) => state.settings);
  const settings = family ? withModelsOf(family, wished) : wished;
  const { target, base, scratch, mode, rank, objective, teacher, tau } = settings;
  const { steps, batch, seed, heldOut, every, pictures } = settings;
  if (!family) return <p className={styles.note}>The list of models is on its way.</p>;
  const models = trainableModels(family);
  const hasHeavy = findModel(family, "heavy") !== undefined;
  const named = models.find(({ name, role }) => name === base || (role === base && role !== "variant"));
  return (
    <>
      <Segmented
        legend="Model"
        options={[
          { value: "light", label: "Light", hint: "Draws the coarse part of a picture; quick to train" },
          { value: "heavy", label: "Heavy", hint: "Draws the fine part; several times as slow" },
        ]}
        value={target}
        onChange={(value) => changeTraining({ target: value })}
      />
      <label className={field.field}>
        <span>Starts from</span>
        <select
          value={`${scratch ? SCRATCH : ""}${named?.name ?? base}`}
          onChange={({ currentTarget: { value } }) =>
            changeTraining({ base: value.replace(SCRATCH, ""), scratch: value.startsWith(SCRATCH) })
          }
        >
          <optgroup label="Trained weights">
            {models.map(({ name, title }) => (
              <option key={name} value={name}>
                {title ?? name}
              </option>
            ))}
          </optgroup>
          <optgroup label="Random weights, of the size of">
            {models
              .filter(({ role }) => role !== "variant")
              .map(({ name, title }) => (
                <option key={name} value={`${SCRATCH}${name}`}>
                  {title ?? name}
                </option>
              ))}
          </optgroup>
        </select>
      </label>
      {!scratch && (
        <div className={styles.pair}>
          <Segmented
            legend="What is trained"
            options={[
              { value: "full", label: "All weights" },
              { value: "lora", label: "LoRA", hint: "Small matrices beside the frozen weights" },
            ]}
            value={mode}
            onChange={(value) => changeTraining({ mode: value })}
          />
          {mode === "lora" && (
            <div className={styles.narrow}>
              <NumberField
                label="Rank"
                value={rank}
                {...TRAIN_LIMITS.rank}
                onChange={(value) => changeTraining({ rank: value })}
              />
            </div>
          )}
        </div>
      )}
      {target === "light" && hasHeavy && (
        <div className={styles.group}>
          <label className={field.field}>
            <span>Learns</span>
            <select
              value={objective}
              onChange={({ currentTarget: { value } }) =>
                changeTraining({ objective: value === "c2f" || value === "distil" ? value : "fm" })
              }
            >
              <option value="fm">the pictures (flow matching)</option>
              <option value="c2f">the pictures, and to meet the heavy model at τ</option>
              <option value="distil">the heavy model's velocities below τ</option>
            </select>
          </label>
          {objective !== "fm" && (
            <div className={styles.pair}>
              <label className={field.field}>
                <span>Heavy model</span>
                <select
                  value={findModel(family, teacher)?.name ?? teacher}
                  onChange={({ currentTarget }) => changeTraining({ teacher: currentTarget.value })}
                >
                  {models.map(({ name, title }) => (
                    <option key={name} value={name}>
                      {title ?? name}
                    </option>
                  ))}
                </select>
              </label>
              <div className={styles.narrow}>
                <NumberField
                  label="τ"
                  value={tau}
                  {...TRAIN_LIMITS.tau}
                  step={0.05}
                  whole={false}
                  onChange={(value) => changeTraining({ tau: value })}
                />
              </div>
            </div>
          )}
        </div>
      )}
      <div className={styles.three}>
        <NumberField
          label="Steps"
          value={steps}
          {...TRAIN_LIMITS.steps}
          step={100}
          onChange={(value) => changeTraining({ steps: value })}
        />
        <NumberField
          label="Batch"
          value={batch}
          {...TRAIN_LIMITS.batch}
          onChange={(value) => changeTraining({ batch: value })}
        />
        <NumberField
          label="Rate"
          value={learningRateOf(settings)}
          {...TRAIN_LIMITS.learningRate}
          step={0.00001}
          whole={false}
          onChange={(value) => changeTraining({ learningRate: value === usualRate(settings) ? null : value })}
        />
      </div>
      <Classes family={family} />
      <details className={styles.more}>
        <summary>Looks, held-out pictures, seed</summary>
        <div className={styles.two}>
          <NumberField
            label="Look every"
            value={every}
            {...TRAIN_LIMITS.every}
            step={5}
            onChange={(value) => changeTraining({ every: value })}
          />
          <NumberField
            label="Pictures a look"
            value={pictures}
            {...TRAIN_LIMITS.pictures}
            onChange={(value) => changeTraining({ pictures: value })}
          />
          <NumberField
            label="Held out"
            value={heldOut}
            {...TRAIN_LIMITS.heldOut}
            onChange={(value) => changeTraining({ heldOut: value })}
          />
          <NumberField
            label="Seed"
            value={seed}
            {...TRAIN_LIMITS.seed}
            onChange={(value) => changeTraining({ seed: value })}
          />
        </div>
        <p className={styles.note}>
          Held-out pictures are never trained on: the loss is measured on them, so that it tells learning from
          remembering.
        </p>
      </details>
    </>
  );
}
