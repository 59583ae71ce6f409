import { isSolverName, SOLVER_NAMES, SOLVERS, type SolverName } from "#flow/solvers/names.ts";
import styles from "./SelectField.module.css";

export interface SolverFieldProps {
  readonly value: SolverName;
  onChange(solver: SolverName): void;
}

/** Solvers with the evaluations that a step of each costs. */
export function SolverField({ value, onChange }: SolverFieldProps) {
  return (
    <label className={styles.stacked}>
      <span className={styles.label}>Solver</span>
      <select
        value={value}
        className={styles.select}
        onChange={({ currentTarget }) => isSolverName(currentTarget.value) && onChange(currentTarget.value)}
      >
        {SOLVER_NAMES.map((name) => (
          <option key={name} value={name}>{`${SOLVERS[name].label}, ${SOLVERS[name].nfePerStep} NFE`}</option>
        ))}
      </select>
    </label>
  );
}
