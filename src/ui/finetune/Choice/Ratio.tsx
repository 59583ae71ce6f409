import { useId } from "react";
import { wantedCount } from "#state/finetune/choice.ts";
import { Button } from "#ui/shared/Button.tsx";
import { countText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import styles from "./Ratio.module.css";

/** The largest share that can be dropped here, in percent. */
const MOST = 95;
/** Ratios that the paper tables. */
const MARKS = [50, 75, 90];

/** How many pictures are dropped; the kept set follows at once. */
export function Ratio() {
  const id = useId();
  const finetuning = useFinetuning();
  const ratio = useFinetune((state) => state.choice.ratio);
  const criterion = useFinetune((state) => state.choice.criterion);
  const overrides = useFinetune((state) => state.choice.overrides);
  const count = useFinetune((state) => state.set?.record.count ?? 0);
  const wanted = useFinetune((state) => wantedCount(state.choice, count));
  if (criterion === "all" && overrides.size === 0) return null;
  const percent = Math.round(100 * ratio);
  return (
    <section aria-label="How many are kept" className={styles.ratio}>
      {criterion !== "all" && count > 0 && (
        <div>
          <div className={styles.head}>
            <label htmlFor={id}>Drop</label>
            <output htmlFor={id}>
              {percent} %, keep {wanted}
            </output>
          </div>
          <input
            id={id}
            type="range"
            min={0}
            max={MOST}
            step={1}
            value={percent}
            list={`${id}-marks`}
            aria-valuetext={`${percent} percent dropped, ${wanted} of ${count} kept`}
            className={styles.slider}
            onChange={({ currentTarget }) => finetuning.choose({ ratio: currentTarget.valueAsNumber / 100 })}
          />
          <datalist id={`${id}-marks`}>
            {MARKS.map((mark) => (
              <option key={mark} value={mark} />
            ))}
          </datalist>
        </div>
      )}
      {overrides.size > 0 && (
        <p className={styles.hand}>
          {countText(overrides.size, "picture")} kept or dropped by hand{" "}
          <Button look="quiet" onClick={() => finetuning.override([...overrides.keys()], null)}>
            Undo
          </Button>
        </p>
      )}
    </section>
  );
}
