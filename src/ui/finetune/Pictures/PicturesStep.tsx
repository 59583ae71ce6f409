import { type DragEvent, useState } from "react";
import { Button } from "#ui/shared/Button.tsx";
import { useFinetune, useFinetuning } from "../context.ts";
import { Workbench } from "../Workbench.tsx";
import { BringIn } from "./BringIn.tsx";
import { DrawStyle } from "./DrawStyle.tsx";
import { Importing } from "./Importing.tsx";
import { PickedFiles } from "./PickedFiles.tsx";
import styles from "./PicturesStep.module.css";
import { droppedFrom } from "./picked.ts";
import { SetList } from "./SetList.tsx";
import { SetView } from "./SetView.tsx";
import { Welcome } from "./Welcome.tsx";

/** The first step: a data set, chosen or made. Files can be dropped anywhere on it. */
export function PicturesStep() {
  const finetuning = useFinetuning();
  const set = useFinetune((state) => state.set);
  const importing = useFinetune((state) => state.importing);
  const opening = useFinetune((state) => state.opening);
  const [isOver, setIsOver] = useState(false);
  const busy = importing?.status === "running";
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    if (!busy) void droppedFrom(event.dataTransfer).then(finetuning.pick);
  };
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = busy ? "none" : "copy";
    if (!busy) setIsOver(true);
  };
  const view = () => {
    if (importing?.status === "running" || importing?.status === "failed")
      return <Importing importing={importing} />;
    if (importing?.status === "picked") return <PickedFiles picked={importing} />;
    if (set) return <SetView set={set} />;
    return opening ? <p className={styles.quiet}>Opening the data set.</p> : <Welcome />;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only takes what a pointer drops; the buttons inside open the same files from the keyboard
    <div
      className={styles.step}
      data-over={isOver || undefined}
      onDragOver={onDragOver}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false);
      }}
      onDrop={onDrop}
    >
      <Workbench
        label="Data sets"
        panel={
          <>
            <SetList />
            <BringIn disabled={busy} />
            <DrawStyle disabled={busy} />
          </>
        }
        bar={
          importing?.status === "picked" ? (
            <PickedBar />
          ) : (
            <Button
              look="primary"
              className={styles.main}
              disabled={!set || busy}
              onClick={() => finetuning.go("choice")}
            >
              Next: what matters
            </Button>
          )
        }
        stageFirst={set !== null || importing !== null}
      >
        {view()}
      </Workbench>
      {isOver && (
        <div className={styles.drop} aria-hidden="true">
          <p>Drop pictures, folders or a zip archive</p>
        </div>
      )}
    </div>
  );
}

function PickedBar() {
  const finetuning = useFinetuning();
  const named = useFinetune(
    ({ importing }) => importing?.status === "picked" && importing.options.name.trim() !== "",
  );
  return (
    <div className={styles.buttons}>
      <Button look="primary" className={styles.main} disabled={!named} onClick={finetuning.importPicked}>
        Import
      </Button>
      <Button className={styles.other} onClick={finetuning.putAway}>
        Cancel
      </Button>
    </div>
  );
}
