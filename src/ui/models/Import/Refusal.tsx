import type { ImportError } from "#library/importError.ts";
import { Button } from "#ui/shared/Button.tsx";
import dialog from "#ui/shared/dialog.module.css";
import { ScrollRegion } from "#ui/shared/ScrollRegion.tsx";
import { importWords } from "../words.ts";
import styles from "./Refusal.module.css";

export interface RefusalProps {
  readonly error: ImportError;
  onChooseOthers(): void;
}

/** Why files did not become a model, name by name where names are the reason. */
export function Refusal({ error, onChooseOthers }: RefusalProps) {
  const { title, text, lists } = importWords(error);
  return (
    <div role="alert">
      <p>
        <b>{title}.</b>
      </p>
      <p className={dialog.text}>{text}</p>
      {lists.map((list) => (
        <div key={list.title} className={styles.part}>
          <h3>{list.title}</h3>
          <ScrollRegion className={styles.names} label={list.title}>
            <ul>
              {list.names.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          </ScrollRegion>
        </div>
      ))}
      <div className={dialog.buttons}>
        <Button onClick={onChooseOthers}>Choose other files</Button>
      </div>
    </div>
  );
}
