import { Dialog } from "radix-ui";
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { AXIS_TITLES } from "#compare/words.ts";
import type { SavedComparison } from "#state/compare/saved/saved.ts";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import dialog from "#ui/shared/dialog.module.css";
import { FocusedInput } from "#ui/shared/FocusedInput.tsx";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { useComparison, useComparisons } from "../context.ts";
import styles from "./SavedDialog.module.css";

const when = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** Comparisons kept in this browser: the one on the page can be added, a kept one opened, renamed or deleted. */
export function SavedDialog() {
  const comparisons = useComparisons();
  const [open, setOpen] = useState(false);
  const [saved, setSaved] = useState<readonly SavedComparison[] | null>(null);
  const usual = useComparison(
    ({ settings: { columns, rows } }) =>
      `${AXIS_TITLES[rows.name]} by ${AXIS_TITLES[columns.name].toLowerCase()}`,
  );
  const [name, setName] = useState<string | null>(null);
  const [renamed, setRenamed] = useState<{ readonly id: string; readonly name: string } | null>(null);
  const list = useCallback(() => comparisons.listSaved().then(setSaved), [comparisons]);
  useEffect(() => {
    if (open) void list();
  }, [open, list]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    await comparisons.save((name ?? usual).trim() || usual);
    setName(null);
    await list();
  };
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    if (renamed) await comparisons.renameSaved(renamed.id, renamed.name);
    setRenamed(null);
    await list();
  };
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button icon="save" look="quiet">
          <span className={styles.words}>Saved</span>
        </Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={dialog.narrow} aria-describedby={undefined}>
          <header className={dialog.head}>
            <Dialog.Title className={dialog.title}>Saved comparisons</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" />
            </Dialog.Close>
          </header>
          <form className={styles.save} onSubmit={save}>
            <input
              type="text"
              aria-label="Name of this comparison"
              maxLength={80}
              value={name ?? usual}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
            <Button type="submit" look="primary">
              Save this one
            </Button>
          </form>
          {saved?.length === 0 && (
            <p className={dialog.text}>None yet. Settings are kept; pictures are drawn again.</p>
          )}
          <ul className={styles.list}>
            {saved?.map((one) => (
              <li key={one.id}>
                <span className={styles.thumbnail}>
                  {one.thumbnail && <PixelCanvas pixels={one.thumbnail} className={styles.canvas} />}
                </span>
                {renamed?.id === one.id ? (
                  <form className={styles.rename} onSubmit={rename}>
                    <FocusedInput
                      aria-label={`New name of ${one.name}`}
                      maxLength={80}
                      value={renamed.name}
                      onChange={({ currentTarget }) => setRenamed({ id: one.id, name: currentTarget.value })}
                      onKeyDown={(event) => {
                        if (event.key !== "Escape") return;
                        event.stopPropagation();
                        setRenamed(null);
                      }}
                    />
                    <IconButton type="submit" icon="check" label="Keep this name" />
                  </form>
                ) : (
                  <>
                    <button
                      type="button"
                      className={styles.open}
                      onClick={() => {
                        void comparisons.openSaved(one.id);
                        setOpen(false);
                      }}
                    >
                      <b>{one.name}</b>
                      <small>{when.format(one.savedAt)}</small>
                    </button>
                    <IconButton
                      icon="pencil"
                      label={`Rename ${one.name}`}
                      onClick={() => setRenamed({ id: one.id, name: one.name })}
                    />
                  </>
                )}
                <IconButton
                  icon="trash"
                  label={`Delete ${one.name}`}
                  onClick={async () => {
                    await comparisons.removeSaved(one.id);
                    await list();
                  }}
                />
              </li>
            ))}
          </ul>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
