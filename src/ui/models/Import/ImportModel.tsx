import { Dialog } from "radix-ui";
import { useRef } from "react";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import { useApp } from "#ui/shared/context.ts";
import dialog from "#ui/shared/dialog.module.css";
import { useModels, useShelf } from "../context.ts";
import { DraftForm } from "./DraftForm.tsx";
import styles from "./ImportModel.module.css";
import { Refusal } from "./Refusal.tsx";
import { useFileDrop } from "./useFileDrop.ts";

const ACCEPT = ".safetensors,.pt,.pth,.ckpt,.bin,.zip,.json";

/** Takes files that may be a model, chosen or dropped anywhere on the page, and asks how to keep it. */
export function ImportModel() {
  const models = useModels();
  const bringing = useShelf((shelf) => shelf.bringing);
  const ready = useApp((app) => app.engine.manifest !== null);
  const input = useRef<HTMLInputElement>(null);
  const over = useFileDrop(models.bring);
  return (
    <>
      <Button look="primary" icon="folder" disabled={!ready} onClick={() => input.current?.click()}>
        Import a model
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPT}
        className={styles.input}
        aria-label="Files of a model"
        tabIndex={-1}
        onChange={(event) => {
          models.bring([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
      {over && (
        <div className={styles.over} aria-hidden="true">
          <p>Drop the files of a model</p>
        </div>
      )}
      <Dialog.Root open={bringing.status !== "idle"} onOpenChange={(open) => !open && models.drop()}>
        <Dialog.Portal>
          <Dialog.Overlay className={dialog.overlay} />
          <Dialog.Content
            className={dialog.narrow}
            aria-describedby={undefined}
            onInteractOutside={(event) => event.preventDefault()} // a slip of the hand would lose what was read
          >
            <header className={dialog.head}>
              <Dialog.Title className={dialog.title}>Import a model</Dialog.Title>
              <Dialog.Close asChild>
                <IconButton icon="close" label="Close" />
              </Dialog.Close>
            </header>
            {bringing.status === "reading" && (
              <p className={dialog.text} role="status">
                Reading and checking {bringing.files.join(", ")}.
              </p>
            )}
            {bringing.status === "refused" && (
              <Refusal error={bringing.error} onChooseOthers={() => input.current?.click()} />
            )}
            {(bringing.status === "draft" || bringing.status === "keeping") && (
              <DraftForm
                key={bringing.draft.files.join()}
                draft={bringing.draft}
                refused={bringing.status === "draft" ? bringing.refused : null}
                busy={bringing.status === "keeping"}
              />
            )}
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
    </>
  );
}
