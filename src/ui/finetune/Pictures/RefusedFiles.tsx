import { useState } from "react";
import type { RefusedFile } from "#datasets/dataset.ts";
import { describeRefusal } from "#datasets/refusal.ts";
import { Button } from "#ui/shared/Button.tsx";
import { countText } from "#ui/shared/format.ts";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import styles from "./RefusedFiles.module.css";

export interface RefusedFilesProps {
  readonly refused: readonly RefusedFile[];
  /** Whether the list is unfolded at first: where nothing else is to be seen. */
  readonly isOpen?: boolean;
}

/** Lines that are shown at first; all of a large import would be too many to begin with. */
const FIRST = 200;

/** Files that are not in the set, each with why. */
export function RefusedFiles({ refused, isOpen = false }: RefusedFilesProps) {
  const [shown, setShown] = useState(FIRST);
  if (refused.length === 0) return null;
  return (
    <details className={styles.refused} open={isOpen || undefined}>
      <summary>{countText(refused.length, "file")} left out, and why</summary>
      <ScrollRegion className={styles.lines} label="Files left out">
        <ul>
          {refused.slice(0, shown).map(({ name, reason }) => (
            <li key={name}>
              <b>{name}</b>
              <span>{describeRefusal(reason)}</span>
            </li>
          ))}
        </ul>
        {refused.length > shown && <Button onClick={() => setShown(shown + 10 * FIRST)}>Show more</Button>}
      </ScrollRegion>
    </details>
  );
}
