import type { Drawing } from "#state/compare/comparison.ts";
import { useComparison } from "../context.ts";
import { attributeChanges, isColour } from "./attributes.ts";
import styles from "./Inspector.module.css";

export interface AttributeListProps {
  readonly drawingKey: string;
  readonly partnerKey: string;
}

/** A value as a reader sees it: colours as colours, with their name for those who cannot. */
function Value({ value }: { readonly value: string | null }) {
  if (value === null) return <span>none</span>;
  if (!isColour(value)) return <span>{value}</span>;
  return (
    <span className={styles.colour} style={{ background: value }} title={value}>
      <span className={styles.hidden}>{value}</span>
    </span>
  );
}

const seenIn = (drawing: Drawing | undefined) =>
  drawing?.status === "finished" ? (drawing.features?.seen?.values ?? null) : null;

/** What the classifier reads differently in the two pictures; nothing where it reads the same, or is not there. */
export function AttributeList({ drawingKey, partnerKey }: AttributeListProps) {
  const heads = useComparison(({ family }) => family?.features?.classifier?.config.heads);
  const seen = useComparison(({ drawings }) => seenIn(drawings[drawingKey]));
  const against = useComparison(({ drawings }) => seenIn(drawings[partnerKey]));
  if (!heads || !seen || !against) return null;
  const changes = attributeChanges(seen, against, heads);
  if (changes.length === 0) return null;
  return (
    <ul className={styles.changes} aria-label="Attributes that are read differently">
      {changes.map(({ name, from, to }) => (
        <li key={name}>
          <span className={styles.attribute}>{name}</span>
          <Value value={from} />
          <span aria-hidden="true">→</span>
          <span className={styles.hidden}>is now</span>
          <Value value={to} />
        </li>
      ))}
    </ul>
  );
}
