import styles from "./Facts.module.css";

export type Fact = readonly [title: string, value: string];

export interface FactsProps {
  readonly facts: readonly Fact[];
}

/** Does not break between the numbers. */
const TIMES = "\u00a0×\u00a0";

/** Names and values, side by side. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl className={styles.facts}>
      {facts.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value.replaceAll(" × ", TIMES)}</dd>
        </div>
      ))}
    </dl>
  );
}
