import type { CriterionName } from "#scoring/criteria.ts";

export type { CriterionName };

/** What a criterion needs to have been measured. */
export type Evidence = "loss" | "gradient" | "features" | "dominance";

/** What a reader can keep by: a criterion, or everything. */
export type ChoiceName = CriterionName | "all";

/** Criteria of one idea: a choice, and its opposite where it has one. */
export interface CriterionGroup {
  readonly name: "loss" | "gradient" | "clusters" | "cover" | "dominance" | "baselines";
  readonly criteria: readonly CriterionName[];
}

/** Every criterion once, in the order they are offered. */
export const CRITERION_GROUPS: readonly CriterionGroup[] = [
  { name: "clusters", criteria: ["Cb", "Cb-furthest", "Cb-kernel", "BxL", "Cp", "Cp-furthest"] },
  { name: "loss", criteria: ["L-inverse", "L"] },
  { name: "gradient", criteria: ["G", "G-inverse"] },
  { name: "dominance", criteria: ["dominance"] },
  { name: "cover", criteria: ["k-center", "herding"] },
  { name: "baselines", criteria: ["random", "drop-cluster"] },
];

export const CRITERIA: readonly CriterionName[] = CRITERION_GROUPS.flatMap(({ criteria }) => criteria);

const NEEDS: Readonly<Record<CriterionName, readonly Evidence[]>> = {
  random: [],
  G: ["gradient"],
  "G-inverse": ["gradient"],
  L: ["loss"],
  "L-inverse": ["loss"],
  Cp: ["features"],
  "Cp-furthest": ["features"],
  Cb: ["features"],
  "Cb-furthest": ["features"],
  "Cb-kernel": ["features"],
  BxL: ["features", "loss"],
  dominance: ["dominance"],
  "k-center": ["features"],
  herding: ["features"],
  "drop-cluster": ["features"],
};

/** Evidence that has to be measured before a criterion can choose. */
export const needsOf = (choice: ChoiceName): readonly Evidence[] => (choice === "all" ? [] : NEEDS[choice]);

/** Criteria that leave something to chance, so that another seed keeps others. */
export const usesSeed = (choice: ChoiceName): boolean =>
  choice === "random" || choice === "k-center" || choice === "drop-cluster";
