/** The ODE solvers on offer. No tensor code here, so that the page can read the table. */
export const SOLVER_NAMES = ["euler", "midpoint", "heun", "rk4", "ab2"] as const;
export type SolverName = (typeof SOLVER_NAMES)[number];

export interface SolverFacts {
  /** What the page shows. */
  readonly label: string;
  /** Convergence order: the error falls as h to this power. */
  readonly order: number;
  /** Function evaluations that one step costs. */
  readonly nfePerStep: number;
}

export const SOLVERS = {
  euler: { label: "Euler", order: 1, nfePerStep: 1 },
  midpoint: { label: "Midpoint", order: 2, nfePerStep: 2 },
  heun: { label: "Heun", order: 2, nfePerStep: 2 },
  rk4: { label: "Runge–Kutta 4", order: 4, nfePerStep: 4 },
  ab2: { label: "Adams–Bashforth 2", order: 2, nfePerStep: 1 },
} as const satisfies Record<SolverName, SolverFacts>;

export const isSolverName = (text: string): text is SolverName => SOLVER_NAMES.some((name) => name === text);
