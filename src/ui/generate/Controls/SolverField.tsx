import { isSolverName, SOLVER_NAMES, SOLVERS, type SolverName } from "#flow/solvers/names.ts";
import field from "#ui/shared/field.module.css";

export interface SolverFieldProps {
  readonly value: SolverName;
  onChange(solver: SolverName): void;
}

/** Solvers with the evaluations that a step of each costs. */
export function SolverField({ value, onChange }: SolverFieldProps) {
  return (
    <label className={field.field}>
      <span>Solver</span>
      <select
        value={value}
        onChange={({ currentTarget }) => isSolverName(currentTarget.value) && onChange(currentTarget.value)}
      >
        {SOLVER_NAMES.map((name) => (
          <option key={name} value={name}>{`${SOLVERS[name].label}, ${SOLVERS[name].nfePerStep} NFE`}</option>
        ))}
      </select>
    </label>
  );
}
