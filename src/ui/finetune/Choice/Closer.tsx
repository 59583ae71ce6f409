import type { OpenSet } from "#state/finetune/finetune.ts";
import { SCORE_NAMES, scoreValues } from "#state/finetune/scores.ts";
import { Segmented } from "#ui/shared/Segmented.tsx";
import { useFinetune, useFinetuning, useLook } from "../context.ts";
import { SetPicture } from "../Gallery/SetPicture.tsx";
import { scoreText } from "../scoreText.ts";
import { SCORE_WORDS } from "../words.ts";
import styles from "./Closer.module.css";
import { rankOf } from "./order.ts";
import { useKept } from "./useKept.ts";

/** One picture with everything that is known of it: the one under the pointer, or the one that was picked. */
export function Closer({ set }: { readonly set: OpenSet }) {
  const finetuning = useFinetuning();
  const hovered = useLook((look) => look.hovered);
  const picked = useLook((look) => look.picked);
  const scores = useFinetune((state) => state.scoring.scores);
  const overrides = useFinetune((state) => state.choice.overrides);
  const { mask } = useKept();
  const index = hovered ?? picked;
  if (index === null || index >= set.record.count)
    return (
      <aside className={styles.closer} aria-label="Picture">
        <p className={styles.empty}>Point at a picture to see it closely; click it to hold on to it.</p>
      </aside>
    );
  const { record, labels, names } = set;
  const cluster = scores?.clusters?.labels[index];
  return (
    <aside className={styles.closer} aria-label="Picture">
      <div className={styles.picture}>
        <SetPicture index={index} name={names[index] ?? ""} />
      </div>
      <p className={styles.name} title={names[index]}>
        {names[index]}
      </p>
      <dl className={styles.facts}>
        {record.classes.length > 1 && (
          <div>
            <dt>Class</dt>
            <dd>{record.classes[labels[index]]?.name}</dd>
          </div>
        )}
        {cluster !== undefined && (
          <div>
            <dt>Cluster</dt>
            <dd>{cluster + 1}</dd>
          </div>
        )}
        {scores &&
          SCORE_NAMES.map((name) => {
            const values = scoreValues(scores, name);
            return (
              values && (
                <div key={name}>
                  <dt title={SCORE_WORDS[name].text}>{SCORE_WORDS[name].title}</dt>
                  <dd>
                    {scoreText(values[index])} <small>#{rankOf(values, index)}</small>
                  </dd>
                </div>
              )
            );
          })}
      </dl>
      {mask && (
        <Segmented
          legend="This picture"
          legendHidden
          options={[
            { value: "criterion", label: "Auto", hint: "As the criterion says" },
            { value: "keep", label: "Keep" },
            { value: "drop", label: "Drop" },
          ]}
          value={overrides.get(index) ?? "criterion"}
          onChange={(value) => finetuning.override([index], value === "criterion" ? null : value)}
        />
      )}
      {mask && <p className={styles.state}>{mask[index] ? "Kept" : "Dropped"}</p>}
    </aside>
  );
}
