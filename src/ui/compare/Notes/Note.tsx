import { Popover } from "radix-ui";
import { useState } from "react";
import { Icon } from "#ui/shared/Icon.tsx";
import { layerRoot } from "#ui/shared/layerRoot.ts";
import styles from "./Note.module.css";
import { NOTES, type NoteName } from "./notes.tsx";

export interface NoteProps {
  readonly about: NoteName;
}

/** A question mark that says what a figure means. Its popover is made when it is first wanted. */
export function Note({ about }: NoteProps) {
  const [wanted, setWanted] = useState(false);
  const { title } = NOTES[about];
  const label = `What does this mean? ${title}`;
  const mark = <Icon name="question" />;
  if (!wanted)
    return (
      <button
        type="button"
        className={styles.mark}
        aria-label={label}
        title="What does this mean?"
        aria-haspopup="dialog"
        aria-expanded={false}
        onClick={() => setWanted(true)}
      >
        {mark}
      </button>
    );
  const { formula, text } = NOTES[about];
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger className={styles.mark} aria-label={label} title="What does this mean?">
        {mark}
      </Popover.Trigger>
      <Popover.Portal container={layerRoot()}>
        <Popover.Content className={styles.note} sideOffset={6} collisionPadding={12} aria-label={title}>
          <h3>{title}</h3>
          {formula && <div className={styles.formula}>{formula}</div>}
          {text}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
