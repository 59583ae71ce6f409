import { AlertDialog } from "radix-ui";
import type { StoredSet } from "#state/finetune/finetune.ts";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import dialog from "#ui/shared/dialog.module.css";
import { bytesText, countText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import styles from "./SetList.module.css";

/** The data sets that this browser keeps, and which of them is worked on. */
export function SetList() {
  const sets = useFinetune((state) => state.sets);
  if (!sets || sets.length === 0) return null;
  return (
    <section aria-labelledby="your-sets">
      <h2 id="your-sets" className={styles.title}>
        Your data sets
      </h2>
      <ul className={styles.list}>
        {sets.map((stored) => (
          <SetRow key={stored.record.id} stored={stored} />
        ))}
      </ul>
    </section>
  );
}

function SetRow({ stored: { record, attachedBytes } }: { readonly stored: StoredSet }) {
  const finetuning = useFinetuning();
  const isOpen = useFinetune((state) => state.set?.record.id === record.id);
  const size = bytesText(record.bytes + attachedBytes);
  return (
    <li className={styles.row} data-open={isOpen || undefined}>
      <button
        type="button"
        aria-pressed={isOpen}
        className={styles.open}
        onClick={() => finetuning.openSet(record.id)}
      >
        <b>{record.name}</b>
        <small>
          {countText(record.count, "picture")} · {size}
          {attachedBytes > 0 ? " with its scores" : ""}
        </small>
      </button>
      <AlertDialog.Root>
        <AlertDialog.Trigger asChild>
          <IconButton label={`Delete ${record.name}`} icon="trash" />
        </AlertDialog.Trigger>
        <AlertDialog.Portal>
          <AlertDialog.Overlay className={dialog.overlay} />
          <AlertDialog.Content className={dialog.narrow}>
            <AlertDialog.Title className={dialog.title}>Delete {record.name}?</AlertDialog.Title>
            <AlertDialog.Description className={dialog.text}>
              Its {countText(record.count, "picture")}, latents and scores leave this browser ({size}). The
              files that they were made of stay where they are; runs on it cannot go on.
            </AlertDialog.Description>
            <div className={dialog.buttons}>
              <AlertDialog.Cancel asChild>
                <Button>Keep it</Button>
              </AlertDialog.Cancel>
              <AlertDialog.Action asChild>
                <Button look="danger" onClick={() => finetuning.deleteSet(record.id)}>
                  Delete
                </Button>
              </AlertDialog.Action>
            </div>
          </AlertDialog.Content>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </li>
  );
}
