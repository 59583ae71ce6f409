import { type FormEvent, useState } from "react";
import { Button } from "#ui/shared/Button.tsx";
import { FocusedInput } from "#ui/shared/FocusedInput.tsx";
import styles from "./SetName.module.css";

export interface SetNameProps {
  readonly name: string;
  onRename(name: string): void;
}

/** The name of a set, which can be changed where it stands. */
export function SetName({ name, onRename }: SetNameProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft?.trim() && draft.trim() !== name) onRename(draft.trim());
    setDraft(null);
  };
  if (draft === null)
    return (
      <div className={styles.name}>
        <h2>{name}</h2>
        <Button look="quiet" onClick={() => setDraft(name)}>
          Rename
        </Button>
      </div>
    );
  return (
    <form className={styles.name} onSubmit={submit}>
      <FocusedInput
        aria-label="Name of the data set"
        value={draft}
        maxLength={100}
        onChange={({ currentTarget }) => setDraft(currentTarget.value)}
        onKeyDown={({ key }) => key === "Escape" && setDraft(null)}
      />
      <Button type="submit" disabled={!draft.trim()}>
        Save
      </Button>
    </form>
  );
}
