import { Dialog } from "radix-ui";
import { useState } from "react";
import type { ExportWish } from "#library/exportWish.ts";
import type { LocalModel } from "#library/localModel.ts";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import dialog from "#ui/shared/dialog.module.css";
import { Segmented } from "#ui/shared/Segmented.tsx";
import { useModels, useShelf } from "../context.ts";
import form from "../form.module.css";

export interface ExportDialogProps {
  readonly model: LocalModel;
}

const PRECISIONS = [
  { value: "F32", label: "f32, exact" },
  { value: "F16", label: "f16, half the size" },
] as const;

const PARTS = [
  { value: "merged", label: "Whole model" },
  { value: "adapter", label: "Low-rank matrices alone" },
] as const;

const FILES = [
  { value: "folder", label: "Zip with config and card" },
  { value: "weights", label: "One .safetensors file" },
] as const;

const EXPLAINED: Readonly<Record<ExportWish["precision"], string>> = {
  F32: "Imported again, anywhere, it is the same model and draws the same pictures.",
  F16: "Every weight is rounded to the nearest half: pictures look alike, and are not the same byte for byte.",
};

/** Writes a model to a file. */
export function ExportDialog({ model }: ExportDialogProps) {
  const models = useModels();
  const busy = useShelf((shelf) => shelf.exporting !== null);
  const [open, setOpen] = useState(false);
  const [wish, setWish] = useState<ExportWish>({ precision: "F32", what: "merged", files: "folder" });
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <Button icon="download" disabled={busy}>
          Export
        </Button>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={dialog.narrow} aria-describedby={undefined}>
          <header className={dialog.head}>
            <Dialog.Title className={dialog.title}>Export {model.name}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" />
            </Dialog.Close>
          </header>
          <div className={form.form}>
            <Segmented
              legend="Precision"
              options={PRECISIONS}
              value={wish.precision}
              onChange={(precision) => setWish({ ...wish, precision })}
            />
            {model.lora && (
              <Segmented
                legend="What"
                options={PARTS}
                value={wish.what}
                onChange={(what) => setWish({ ...wish, what })}
              />
            )}
            <Segmented
              legend="As"
              options={FILES}
              value={wish.files}
              onChange={(files) => setWish({ ...wish, files })}
            />
            <p className={dialog.text}>
              {EXPLAINED[wish.precision]}
              {wish.what === "adapter" &&
                ` Whoever imports the matrices needs ${model.lora?.of.name} with the very same weights.`}
            </p>
            <div className={dialog.buttons}>
              <Button
                look="primary"
                onClick={() => {
                  models.exportModel(model, wish);
                  setOpen(false);
                }}
              >
                Download
              </Button>
            </div>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
