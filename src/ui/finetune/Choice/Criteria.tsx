import { type ChoiceName, CRITERION_GROUPS, usesSeed } from "#state/finetune/criteria.ts";
import { missingFor } from "#state/finetune/scores.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { useFinetune, useFinetuning } from "../context.ts";
import { CRITERION_WORDS, GROUP_TITLES, symbolText } from "../words.ts";
import styles from "./Criteria.module.css";

/** By what the pictures are chosen. */
export function Criteria() {
  const finetuning = useFinetuning();
  const criterion = useFinetune((state) => state.choice.criterion);
  const seed = useFinetune((state) => state.choice.seed);
  const scores = useFinetune((state) => state.scoring.scores);
  const { title, text } = CRITERION_WORDS[criterion];
  const label = (name: ChoiceName) => {
    const { title: words, symbol } = CRITERION_WORDS[name];
    const open = name !== "random" && missingFor(name, scores).length > 0 ? " · not measured" : "";
    return words.toLowerCase() === symbol[0] ? `${words}${open}` : `${words} (${symbolText(symbol)})${open}`;
  };
  return (
    <section aria-labelledby="criterion">
      <h2 id="criterion" className={styles.title}>
        Keep by
      </h2>
      <div className={styles.row}>
        <select
          aria-labelledby="criterion"
          className={styles.select}
          value={criterion}
          onChange={({ currentTarget }) => {
            const chosen = ["all" as const, ...CRITERION_GROUPS.flatMap(({ criteria }) => criteria)].find(
              (name) => name === currentTarget.value,
            );
            if (chosen) finetuning.choose({ criterion: chosen });
          }}
        >
          <option value="all">{CRITERION_WORDS.all.title}</option>
          {CRITERION_GROUPS.map(({ name, criteria }) => (
            <optgroup key={name} label={GROUP_TITLES[name]}>
              {criteria.map((one) => (
                <option key={one} value={one}>
                  {label(one)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
        {usesSeed(criterion) && (
          <IconButton
            label={`Other chance (seed ${seed})`}
            icon="dice"
            onClick={() => finetuning.choose({ seed: seed + 1 })}
          />
        )}
      </div>
      <p className={styles.about}>
        <b>{title}.</b> {text}
      </p>
    </section>
  );
}
