import { useMemo } from "react";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import { useFinetune, useFinetuning } from "../context.ts";
import { useRested } from "../useRested.ts";
import { CRITERION_WORDS } from "../words.ts";
import styles from "./Agreement.module.css";
import { CriterionSymbol } from "./CriterionSymbol.tsx";

/** The ratio rests for so long before all criteria are asked anew. */
const REST_MS = 350;

/** How many of the pictures that two criteria keep are the same, for every two. */
export function Agreement() {
  const finetuning = useFinetuning();
  const table = useFinetune((state) => state.agreement);
  const ratio = useFinetune((state) => state.choice.ratio);
  const seed = useFinetune((state) => state.choice.seed);
  const scores = useFinetune((state) => state.scoring.scores);
  const chosen = useFinetune((state) => state.choice.criterion);
  const keeps = useMemo(() => ({ ratio, seed, scores }), [ratio, seed, scores]); // decide which pictures each keeps
  useRested(keeps, REST_MS, finetuning.compareCriteria);
  const chance = (1 - ratio) / (1 + ratio);
  return (
    <div className={styles.agreement}>
      <p className={styles.about}>
        Jaccard index: pictures that both keep, of those that either keeps. 1 is the same choice; two random
        choices of {Math.round(100 * (1 - ratio))} % come to about {chance.toFixed(2)}.
      </p>
      {table && (
        <ScrollRegion label="Agreement of criteria">
          <table className={styles.table} data-old={table.ratio !== ratio || undefined}>
            <thead>
              <tr>
                <td />
                {table.criteria.map((criterion) => (
                  <th key={criterion} scope="col">
                    <CriterionSymbol criterion={criterion} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.criteria.map((criterion, row) => (
                <tr key={criterion} data-chosen={criterion === chosen || undefined}>
                  <th scope="row">
                    <button type="button" onClick={() => finetuning.choose({ criterion })}>
                      {CRITERION_WORDS[criterion].title} <CriterionSymbol criterion={criterion} />
                    </button>
                  </th>
                  {table.criteria.map((other, column) => {
                    const value = table.jaccard[row]?.[column] ?? null;
                    return (
                      <td
                        key={other}
                        style={
                          value === null
                            ? undefined
                            : {
                                background: `color-mix(in srgb, var(--accent-faint) ${Math.round(value * 100)}%, transparent)`,
                              }
                        }
                      >
                        {value === null ? "" : row === column ? "–" : value.toFixed(2)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </div>
  );
}
