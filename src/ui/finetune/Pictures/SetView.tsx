import { useMemo } from "react";
import type { OpenSet } from "#state/finetune/finetune.ts";
import chip from "#ui/shared/chip.module.css";
import { bytesText, countText } from "#ui/shared/format.ts";
import { useFinetune, useFinetuning, useLook, useLookStore } from "../context.ts";
import { PictureGrid } from "../Gallery/PictureGrid.tsx";
import { RefusedFiles } from "./RefusedFiles.tsx";
import { SetName } from "./SetName.tsx";
import styles from "./SetView.module.css";

export interface SetViewProps {
  readonly set: OpenSet;
}

/** The pictures of a set, its classes, and what was left out of it. */
export function SetView({ set }: SetViewProps) {
  const finetuning = useFinetuning();
  const look = useLookStore();
  const label = useLook((now) => now.label);
  const attached = useFinetune(
    (state) => state.sets?.find(({ record }) => record.id === set.record.id)?.attachedBytes ?? 0,
  );
  const { record, labels, names } = set;
  const { count, imageSize, classes, refused, bytes } = record;
  const indices = useMemo(() => {
    const all = Array.from({ length: count }, (_, index) => index);
    return label === null ? all : all.filter((index) => labels[index] === label);
  }, [count, labels, label]);
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <SetName name={record.name} onRename={(name) => finetuning.renameSet(record.id, name)} />
        <p className={styles.facts}>
          {countText(count, "picture")} of {imageSize} × {imageSize} · {bytesText(bytes + attached)}
        </p>
      </div>
      {classes.length > 1 && (
        <fieldset className={styles.classes}>
          <legend>Classes</legend>
          <Chip isOn={label === null} onClick={() => look.setState({ label: null })}>
            all
          </Chip>
          {classes.map(({ name, count: of }, place) => (
            <Chip key={name} isOn={label === place} onClick={() => look.setState({ label: place })}>
              {name} <small>{of}</small>
            </Chip>
          ))}
        </fieldset>
      )}
      <PictureGrid
        label={`Pictures of ${record.name}`}
        indices={indices}
        nameOf={(index) => `Picture ${index + 1}, ${names[index]}`}
      />
      <RefusedFiles refused={refused} />
    </div>
  );
}

function Chip({
  isOn,
  onClick,
  children,
}: {
  readonly isOn: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}) {
  return (
    <button type="button" aria-pressed={isOn} className={chip.chip} onClick={onClick}>
      {children}
    </button>
  );
}
