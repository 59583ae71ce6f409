import type { ImportError } from "#library/importError.ts";
import { Button } from "#ui/shared/Button.tsx";
import dialog from "#ui/shared/dialog.module.css";
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
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard */}
          <ul className={styles.names} tabIndex={0} aria-label={list.title}>
            {list.names.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        </div>
      ))}
      <div className={dialog.buttons}>
        <Button onClick={onChooseOthers}>Choose other files</Button>
      </div>
    </div>
  );
}
