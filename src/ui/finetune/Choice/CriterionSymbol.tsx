import type { ChoiceName } from "#state/finetune/criteria.ts";
import { CRITERION_WORDS, symbolText } from "../words.ts";
import styles from "./CriterionSymbol.module.css";

/** A criterion's letters as the paper sets them. */
export function CriterionSymbol({ criterion }: { readonly criterion: ChoiceName }) {
  const { symbol, title } = CRITERION_WORDS[criterion];
  const [base, sub, sup] = symbol;
  return (
    <abbr className={styles.symbol} title={title} aria-label={symbolText(symbol)}>
      {base}
      {(sub || sup) && (
        <span className={styles.marks}>
          {sup && <sup>{sup}</sup>}
          {sub && <sub>{sub}</sub>}
        </span>
      )}
    </abbr>
  );
}
