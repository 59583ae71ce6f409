import { AlertDialog } from "radix-ui";
import type { RunRecord } from "#runs/run.ts";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import dialog from "#ui/shared/dialog.module.css";
import { bytesText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning } from "../context.ts";
import styles from "./RunList.module.css";

/** Runs that this browser keeps: those that can go on, and those that are done. */
export function RunList() {
  const runs = useFinetune((state) => state.runs);
  if (!runs || runs.length === 0) return null;
  return (
    <section aria-labelledby="runs" className={styles.runs}>
      <h2 id="runs">Runs</h2>
      <ul>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
    </section>
  );
}

function RunRow({ run: { id, plan, progress, bytes, createdAt } }: { readonly run: RunRecord }) {
  const finetuning = useFinetuning();
  const isLocked = useFinetune((state) => state.locked.has(id));
  const step = progress?.step ?? 0;
  const steps = progress?.steps ?? plan.steps;
  const state = isLocked
    ? "being trained in a tab"
    : progress?.status === "finished"
      ? "finished"
      : step === 0
        ? "not begun"
        : "can go on";
  return (
    <li>
      <div className={styles.words}>
        <b>{plan.name}</b>
        <small>
          step {step} of {steps}, {state} · {new Date(createdAt).toLocaleString("en-GB", WHEN)} ·{" "}
          {bytesText(bytes)}
        </small>
      </div>
      <Button onClick={() => finetuning.openRun(id)}>Open</Button>
      <AlertDialog.Root>
        <AlertDialog.Trigger asChild>
          <IconButton label={`Delete ${plan.name}`} icon="trash" disabled={isLocked} />
        </AlertDialog.Trigger>
        <AlertDialog.Portal>
          <AlertDialog.Overlay className={dialog.overlay} />
          <AlertDialog.Content className={dialog.narrow}>
            <AlertDialog.Title className={dialog.title}>Delete {plan.name}?</AlertDialog.Title>
            <AlertDialog.Description className={dialog.text}>
              Its checkpoints, curve and pictures leave this browser. A model that was made of it stays on the
              Models page.
            </AlertDialog.Description>
            <div className={dialog.buttons}>
              <AlertDialog.Cancel asChild>
                <Button>Keep it</Button>
              </AlertDialog.Cancel>
              <AlertDialog.Action asChild>
                <Button look="danger" onClick={() => finetuning.deleteRun(id)}>
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

const WHEN: Intl.DateTimeFormatOptions = {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
};
