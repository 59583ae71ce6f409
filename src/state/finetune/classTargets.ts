import type { DatasetClass } from "#datasets/dataset.ts";
import type { ClassTarget } from "#runs/run.ts";

/** Longest name that a class may have. */
const LONGEST = 64;

/** A name that links and networks can carry: letters, digits, '.', '_' and '-'. */
export function className(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, LONGEST);
  return plain || "pictures";
}

/** What a network that knows `known` is to call each class of a data set: a name that it knows already stays that class, any
 *  other becomes a new one. Names that come out equal are told apart by a number. */
export function usualTargets(
  classes: readonly Pick<DatasetClass, "name">[],
  known: readonly string[],
): readonly ClassTarget[] {
  const taken = new Set(known);
  return classes.map(({ name }) => {
    const label = known.indexOf(name);
    if (label >= 0) return { kind: "known", label };
    const plain = className(name);
    let free = plain;
    for (let number = 2; taken.has(free); number++) free = `${plain.slice(0, LONGEST - 4)}-${number}`;
    taken.add(free);
    return { kind: "new", name: free };
  });
}

/** Why a name cannot be a new class of a network that knows `known`; null when it can. */
export type ClassNameProblem = "empty" | "characters" | "known";

export function classNameProblem(name: string, known: readonly string[]): ClassNameProblem | null {
  if (name === "") return "empty";
  if (!/^[\w.-]{1,64}$/.test(name)) return "characters";
  return known.includes(name) ? "known" : null;
}

/** What the reader chose, as far as a network that knows `known` allows: a class that only another base knows is proposed anew.
 *  chosen: null where nothing was. */
export function targetsFor(
  chosen: readonly ClassTarget[] | null,
  classes: readonly Pick<DatasetClass, "name">[],
  known: readonly string[],
): readonly ClassTarget[] {
  return usualTargets(classes, known).map((usual, place) => {
    const target = chosen?.[place];
    return !target || (target.kind === "known" && target.label >= known.length) ? usual : target;
  });
}

/** Whether the trainer would take all names of new classes. */
export const namesAreGood = (targets: readonly ClassTarget[], known: readonly string[]): boolean =>
  targets.every((target) => target.kind === "known" || classNameProblem(target.name, known) === null);

/** Label in the network of each class of the data set: new ones come after those that it knows, equal names share one. */
export function networkLabels(targets: readonly ClassTarget[], known: readonly string[]): readonly number[] {
  const names = [...known];
  return targets.map((target) => {
    if (target.kind === "known") return target.label;
    const there = names.indexOf(target.name);
    return there >= 0 ? there : names.push(target.name) - 1;
  });
}

/** Labels of the trained classes in the network, each once, in the order of the data set. */
export const trainedLabels = (
  targets: readonly ClassTarget[],
  known: readonly string[],
): readonly number[] => [...new Set(networkLabels(targets, known))];
