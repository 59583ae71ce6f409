import type { Family } from "#checkpoints/manifest.ts";
import type { ClassTarget } from "#runs/run.ts";
import { classNameProblem, targetsFor, usualTargets } from "#state/finetune/classTargets.ts";
import { knownClasses, withModelsOf } from "#state/finetune/plan.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import styles from "./Classes.module.css";

const KNOWN = "known:";

/** What the model is to call each class of the set: a name of its own, or one that it knows. */
export function Classes({ family }: { readonly family: Family }) {
  const finetuning = useFinetuning();
  const set = useFinetune((state) => state.set);
  const settings = useFinetune((state) => state.settings);
  const chosen = useFinetune((state) => state.targets);
  if (!set) return null;
  const known = knownClasses(family, withModelsOf(family, settings));
  const { classes } = set.record;
  const targets = targetsFor(chosen, classes, known);
  const change = (place: number, target: ClassTarget) =>
    finetuning.changeTargets(targets.map((one, at) => (at === place ? target : one)));
  return (
    <fieldset className={styles.classes}>
      <legend>{classes.length === 1 ? "The pictures are" : "The classes are"}</legend>
      {classes.map(({ name }, place) => {
        const target = targets[place];
        if (!target) return null;
        const problem = target.kind === "new" ? classNameProblem(target.name, known) : null;
        return (
          <div key={name} className={styles.row}>
            <select
              aria-label={`Class of ${name}`}
              value={target.kind === "known" ? `${KNOWN}${target.label}` : "new"}
              onChange={({ currentTarget: { value } }) =>
                change(
                  place,
                  value.startsWith(KNOWN)
                    ? { kind: "known", label: Number(value.slice(KNOWN.length)) }
                    : (usualTargets([{ name: `${name}-new` }], known)[0] ?? target),
                )
              }
            >
              <option value="new">a new class</option>
              {known.map((one, label) => (
                <option key={one} value={`${KNOWN}${label}`}>
                  more of {one}
                </option>
              ))}
            </select>
            {target.kind === "new" && (
              <input
                aria-label={`New name of ${name}`}
                aria-invalid={problem !== null || undefined}
                value={target.name}
                maxLength={64}
                onChange={({ currentTarget }) => change(place, { kind: "new", name: currentTarget.value })}
              />
            )}
            {problem && (
              <p className={styles.wrong}>
                {problem === "known"
                  ? "The model knows a class of this name."
                  : "Letters, digits, . _ and - make a name."}
              </p>
            )}
          </div>
        );
      })}
    </fieldset>
  );
}
