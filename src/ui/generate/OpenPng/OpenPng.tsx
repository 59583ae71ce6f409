import { useEffect, useRef, useState } from "react";
import { Button } from "#ui/shared/Button.tsx";
import { useStudio } from "#ui/shared/context.ts";
import styles from "./OpenPng.module.css";

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes a PNG made here, chosen or dropped anywhere on the page, and restores its settings. */
export function OpenPng() {
  const { pictures } = useStudio();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault(); // otherwise the browser would leave the page for the picture
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      pictures.restoreFrom(file);
    };
    addEventListener("dragover", onOver);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onOver);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop);
    };
  }, [pictures]);
  return (
    <>
      <Button
        look="quiet"
        icon="folder"
        title="A PNG made here carries its settings; it can also be dropped anywhere on the page"
        onClick={() => input.current?.click()}
      >
        Open PNG
      </Button>
      <input
        ref={input}
        type="file"
        accept="image/png,.png"
        className={styles.input}
        aria-label="PNG with settings"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) pictures.restoreFrom(file);
          event.currentTarget.value = ""; // so that the same file can be chosen again
        }}
      />
      {over && (
        <div className={styles.over} aria-hidden="true">
          <p>Drop a PNG made here to restore its settings</p>
        </div>
      )}
    </>
  );
}
