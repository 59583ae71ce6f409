import type { Family } from "#checkpoints/manifest.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { WeightMap } from "#models/weights.ts";
import type { ClassTarget } from "#runs/run.ts";
import { withNewClass } from "#training/newClass.ts";
import { refuse, TrainerFailure } from "./failure.ts";
import type { DiTEntry } from "./networks.ts";

/** A network on the host. */
export interface Network {
  readonly config: DiTConfig;
  readonly weights: WeightMap;
}

/** Names of the classes that a model knows, in label order. */
export const classNames = (family: Family, entry: Pick<DiTEntry, "classes"> | null): readonly string[] => [
  ...family.classes.map(({ name }) => name),
  ...(entry?.classes ?? []),
];

export interface Labelling {
  /** Names in label order: those that the network knows, then the new ones. */
  readonly names: readonly string[];
  /** Label for each class of the data set. */
  readonly labels: readonly number[];
}

/** The labels of a data set's classes in a network that knows `known`. Two that are to have the same new name share a row.
 *  Throws InvalidJob. */
export function labelling(targets: readonly ClassTarget[], known: readonly string[]): Labelling {
  const names = [...known];
  const labels = targets.map((target) => {
    if (target.kind === "known") {
      if (Number.isInteger(target.label) && target.label >= 0 && target.label < known.length)
        return target.label;
      return refuse(
        "classes",
        `The network knows ${known.length} classes; there is no class ${target.label}.`,
      );
    }
    if (known.includes(target.name))
      refuse("classes", `The network knows a class called ${target.name} already.`);
    if (!/^[\w.-]{1,64}$/.test(target.name))
      refuse(
        "classes",
        `'${target.name}' is no name of a class: letters, digits, '.', '_' and '-', 64 at most.`,
      );
    const there = names.indexOf(target.name);
    return there >= 0 ? there : names.push(target.name) - 1;
  });
  return { names, labels };
}

/** The network with rows for classes beyond those that it knows; each begins as that of no class. */
export function withClasses({ config, weights }: Network, count: number): Network {
  let network: Network = { config, weights };
  while (network.config.num_classes < count) network = withNewClass(network.config, network.weights);
  return network;
}

/** Whether a teacher that knows `taught` can be asked about classes called `names`: one list must begin with the other.
 *  Throws TeacherClassesDiffer. */
export function checkTeacher(teacher: string, taught: readonly string[], names: readonly string[]): void {
  const shared = Math.min(taught.length, names.length);
  for (let label = 0; label < shared; label++)
    if (taught[label] !== names[label]) throw new TrainerFailure({ kind: "TeacherClassesDiffer", teacher });
}
