import { type ChangeEvent, useEffect, useRef } from "react";
import { IMPORT_LIMITS } from "#datasets/limits.ts";
import { Button } from "#ui/shared/Button.tsx";
import { useFinetuning } from "../context.ts";
import styles from "./BringIn.module.css";
import { pickedFrom } from "./picked.ts";

export interface BringInProps {
  readonly disabled: boolean;
}

/** Buttons that ask the browser for a folder, or for files and archives. */
export function BringIn({ disabled }: BringInProps) {
  const finetuning = useFinetuning();
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), []); // React knows it not
  const files = useRef<HTMLInputElement>(null);
  const take = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    finetuning.pick(pickedFrom(currentTarget.files ?? []));
    currentTarget.value = ""; // the same choice again is a change again
  };
  return (
    <section aria-labelledby="bring-in">
      <h2 id="bring-in" className={styles.title}>
        Bring pictures
      </h2>
      <div className={styles.buttons}>
        <Button icon="folder" disabled={disabled} onClick={() => folder.current?.click()}>
          A folder
        </Button>
        <Button icon="package" disabled={disabled} onClick={() => files.current?.click()}>
          Files or a zip
        </Button>
      </div>
      <p className={styles.note}>
        Or drop them anywhere here. Nothing is uploaded: they are cropped and kept in this browser. Up to{" "}
        {IMPORT_LIMITS.files.toLocaleString("en")} files of {IMPORT_LIMITS.fileBytes / 1e6} MB; every
        sub-folder can be a class.
      </p>
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="A folder of pictures"
        data-pick="folder"
        onChange={take}
      />
      <input
        ref={files}
        type="file"
        hidden
        multiple
        aria-label="Pictures or a zip archive"
        data-pick="files"
        accept="image/*,.zip,application/zip"
        onChange={take}
      />
    </section>
  );
}
