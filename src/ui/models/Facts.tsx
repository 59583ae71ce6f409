import styles from "./Facts.module.css";

export type Fact = readonly [title: string, value: string];

export interface FactsProps {
  readonly facts: readonly Fact[];
}

/** Names and values, side by side. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className={styles.facts}>
      {facts.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
