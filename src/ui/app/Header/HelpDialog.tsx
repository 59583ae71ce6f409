import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import type { Page } from "#state/page.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { useApp } from "#ui/shared/context.ts";
import dialog from "#ui/shared/dialog.module.css";
import { isTyping } from "../shortcuts.ts";
import styles from "./HelpDialog.module.css";

type Keys = readonly (readonly [keys: readonly string[], meaning: string])[];

const KEYS: Readonly<Record<Page, Keys>> = {
  generate: [
    [["Ctrl", "Enter"], "Generate (⌘ Enter on a Mac)"],
    [["Esc"], "Cancel what is being drawn"],
    [["←", "→"], "Move along a slider or a choice"],
    [["?"], "This help"],
  ],
  compare: [
    [["Ctrl", "Enter"], "Draw the grid, or go on with it (⌘ Enter on a Mac)"],
    [["Esc"], "Pause"],
    [["←", "↑", "↓", "→"], "Move through the grid"],
    [["Home", "End"], "To the ends of a row; with Ctrl, of the grid"],
    [["Enter"], "Make a picture the reference"],
    [["R"], "Try a failed picture again"],
    [["?"], "This help"],
  ],
  finetune: [
    [["←", "↑", "↓", "→"], "From picture to picture"],
    [["K"], "Keep the picture, or leave it to the criterion again"],
    [["D"], "Drop it, or leave it to the criterion again"],
    [["?"], "This help"],
  ],
  models: [
    [["Enter"], "Open or close what is known of a model"],
    [["Esc"], "Close a dialog; what was being read is let go"],
    [["?"], "This help"],
  ],
};

/** Shortcuts, and the browsers that the page works in. Opens with "?". */
export function HelpDialog() {
  const page = useApp((app) => app.page);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "?" && !isTyping(event.target)) setOpen(true);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <IconButton icon="question" label="Help and shortcuts" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={dialog.narrow} aria-describedby={undefined}>
          <header className={dialog.head}>
            <Dialog.Title className={dialog.title}>Shortcuts</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" />
            </Dialog.Close>
          </header>
          <dl className={styles.keys}>
            {KEYS[page].map(([keys, meaning]) => (
              <div key={meaning}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <h3 className={styles.sub}>Browsers that work</h3>
          <p className={dialog.text}>
            With WebGPU, which is fastest: Chrome and Edge 113 or later on a computer, 121 on Android; Safari
            26; Firefox 141 on Windows, 145 on a Mac. With WebAssembly, anything newer than Chrome 91, Firefox
            89 or Safari 16.4 does.
          </p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
