import { ab2 } from "./ab2.ts";
import { euler } from "./euler.ts";
import { heun } from "./heun.ts";
import { midpoint } from "./midpoint.ts";
import type { SolverName } from "./names.ts";
import { rk4 } from "./rk4.ts";
import { rk4ThreeEighths } from "./rk4ThreeEighths.ts";
import type { StepRule } from "./rule.ts";

/** The solvers on offer, and one kept for comparisons. */
export type RuleName = SolverName | "rk4_38";

export const RULES = {
  euler,
  midpoint,
  heun,
  rk4,
  rk4_38: rk4ThreeEighths,
  ab2,
} as const satisfies Record<RuleName, StepRule>;
