import { newClassAddress, pairAddress } from "#state/finetune/links.ts";
import type { LiveRun } from "#state/finetune/training.ts";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import { useFamily, useFinetune, useFinetuning } from "../context.ts";
import head from "../head.module.css";
import { Distances } from "./Distances.tsx";
import styles from "./Report.module.css";
import { reportRows } from "./reportRows.ts";

/** A run in figures, beside another one of the same set: all pictures against the kept ones, for example. */
export function Report({ run }: { readonly run: LiveRun }) {
  const finetuning = useFinetuning();
  const family = useFamily();
  const runs = useFinetune((state) => state.runs);
  const against = useFinetune((state) => state.against);
  const known = useFinetune((state) => state.distances.known);
  const others = (runs ?? []).filter(
    ({ id, plan, progress }) =>
      id !== run.id && plan.dataset === run.plan.dataset && progress?.status === "finished",
  );
  const columns = against ? [against, run] : [run];
  const pair = family && against && pairAddress(family, run, against);
  const newClass = family && against && newClassAddress(family, run, against);
  return (
    <section aria-labelledby="report" className={styles.report}>
      <div className={head.head}>
        <h3 id="report">In figures</h3>
        {others.length > 0 && (
          <label className={styles.against}>
            <span>beside</span>
            <select
              value={against?.id ?? ""}
              onChange={({ currentTarget }) => finetuning.openAgainst(currentTarget.value || null)}
            >
              <option value="">no other run</option>
              {others.map(({ id, plan }) => (
                <option key={id} value={id}>
                  {plan.name}
                </option>
              ))}
            </select>
          </label>
        )}
        {pair && <a href={pair}>Open both in Compare</a>}
        {newClass && <a href={newClass}>…and on the class they learned</a>}
      </div>
      <ScrollRegion label="Figures of the runs">
        <table className={styles.table}>
          <thead>
            <tr>
              <td />
              {columns.map(({ id, plan }) => (
                <th key={id} scope="col">
                  {plan.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {reportRows(columns, known).map(({ title, hint, values }) => (
              <tr key={title}>
                <th scope="row" title={hint}>
                  {title}
                </th>
                {values.map((value, place) => (
                  <td key={columns[place].id}>{value}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      <Distances run={run} against={against} />
      {others.length === 0 && (
        <p className={styles.note}>
          “Full against pruned” on the third step trains a second run on all pictures for as many steps, and
          puts the two side by side here.
        </p>
      )}
    </section>
  );
}
