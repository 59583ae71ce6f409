import { Dialog } from "radix-ui";
import { type FormEvent, useState } from "react";
import { LONGEST_NAME, type LocalModel } from "#library/localModel.ts";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import dialog from "#ui/shared/dialog.module.css";
import field from "#ui/shared/field.module.css";
import { useModels } from "../context.ts";
import form from "../form.module.css";

export interface RenameDialogProps {
  readonly model: LocalModel;
}

/** Gives a model another name; links to it stay what they are. */
export function RenameDialog({ model }: RenameDialogProps) {
  const models = useModels();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(model.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "") return;
    models.rename(model.id, name);
    setOpen(false);
  };
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        setName(model.name);
        setOpen(next);
      }}
    >
      <Dialog.Trigger asChild>
        <Button>Rename</Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={dialog.narrow} aria-describedby={undefined}>
          <header className={dialog.head}>
            <Dialog.Title className={dialog.title}>Rename</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" />
            </Dialog.Close>
          </header>
          <form onSubmit={submit} className={form.form}>
            <label className={field.field}>
              <span>Name</span>
              <input
                type="text"
                maxLength={LONGEST_NAME}
                value={name}
                onChange={({ currentTarget }) => setName(currentTarget.value)}
              />
            </label>
            <p className={dialog.text}>Links and pictures name it {model.id}, whatever it is called here.</p>
            <div className={dialog.buttons}>
              <Button type="submit" look="primary" disabled={name.trim() === ""}>
                Rename
              </Button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
