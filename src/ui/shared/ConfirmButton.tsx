import { AlertDialog } from "radix-ui";
import { Button } from "./Button.tsx";
import dialog from "./dialog.module.css";

export interface ConfirmButtonProps {
  /** On the button. */
  readonly label: string;
  readonly title: string;
  readonly text: string;
  /** On the button that does it. */
  readonly confirm: string;
  onConfirm(): void;
}

/** A button that asks once before it does what cannot be undone. */
export function ConfirmButton({ label, title, text, confirm, onConfirm }: ConfirmButtonProps) {
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger asChild>
        <Button icon="trash">{label}</Button>
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={dialog.overlay} />
        <AlertDialog.Content className={dialog.narrow}>
          <AlertDialog.Title className={dialog.title}>{title}</AlertDialog.Title>
          <AlertDialog.Description className={dialog.text}>{text}</AlertDialog.Description>
          <div className={dialog.buttons}>
            <AlertDialog.Cancel asChild>
              <Button>Keep them</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button look="danger" onClick={onConfirm}>
                {confirm}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
