import type { Grid } from "#compare/cell.ts";
import { useComparison, useLook } from "../context.ts";
import { describeCell, isUnderWay } from "../words.ts";
import styles from "./CellDescription.module.css";

export interface CellDescriptionProps {
  readonly id: string;
  readonly grid: Grid;
  readonly partners: readonly number[];
  readonly names: readonly string[];
}

/** What a screen reader says of the cell that the keyboard is on, after its name: how far it is, and its figures. */
export function CellDescription({ id, grid, partners, names }: CellDescriptionProps) {
  const active = useLook((look) => look.active);
  const key = grid.cells[active]?.key ?? "";
  const drawing = useComparison(({ drawings }) => drawings[key]);
  const numbers = useComparison((comparison) => comparison.numbers[active] ?? null);
  const underWay = useComparison(({ run }) => isUnderWay(run));
  const partner = partners[active] ?? active;
  return (
    <p id={id} className={styles.hidden}>
      {describeCell(drawing, numbers, partner === active ? null : (names[partner] ?? null), underWay)}
    </p>
  );
}
