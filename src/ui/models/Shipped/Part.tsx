import type { Kept } from "#state/library/shelf.ts";
import { Button } from "#ui/shared/Button.tsx";
import { bytesText } from "#ui/shared/format.ts";
import { useModels } from "../context.ts";
import { Facts } from "../Facts.tsx";
import { metricFacts, parametersText, recipeFacts } from "../facts.ts";
import styles from "./Part.module.css";
import { bytesOf, type ShippedPart } from "./parts.ts";

export interface PartProps {
  readonly part: ShippedPart;
  readonly kept: Kept | null;
}

/** One download: a line that opens to all that is known of it. */
export function Part({ part, kept }: PartProps) {
  const models = useModels();
  const bytes = bytesOf(part.files);
  const here = part.files.filter(({ sha256 }) => kept?.files.has(sha256));
  const measured = metricFacts(part.metrics);
  return (
    <li className={styles.part}>
      <details>
        <summary className={styles.line}>
          <span className={styles.name}>
            <b>{part.title}</b>
            <small>{part.about}</small>
          </span>
          <span className={styles.number}>
            <span className={styles.spoken}>Parameters: </span>
            {parametersText(part.parameters)}
          </span>
          <span className={styles.number}>
            <span className={styles.spoken}>Size: </span>
            {bytesText(bytes)}
          </span>
          <span className={styles.state} data-here={here.length > 0 || undefined}>
            {stateText(here.length, part.files.length, kept !== null)}
          </span>
        </summary>
        <div className={styles.more}>
          <div>
            <h3>Recipe</h3>
            <Facts
              facts={[["Network", part.network], ...recipeFacts(part.recipe), ["Licence", part.licence]]}
            />
          </div>
          <div>
            <h3>Measured</h3>
            {measured.length > 0 ? (
              <Facts facts={measured} />
            ) : (
              <p className={styles.none}>Nothing was measured on its own.</p>
            )}
            <p className={styles.actions}>
              <a href={`models/${part.card}`}>Model card</a>
              {here.length > 0 && (
                <Button
                  look="quiet"
                  icon="trash"
                  onClick={() => models.deleteDownloads(here.map(({ sha256 }) => sha256))}
                >
                  Delete this download
                </Button>
              )}
            </p>
          </div>
        </div>
      </details>
    </li>
  );
}

function stateText(here: number, files: number, known: boolean): string {
  if (!known) return "";
  if (here === files) return "in this browser";
  return here > 0 ? "partly here" : "not downloaded";
}
