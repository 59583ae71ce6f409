import { memo } from "react";
import type { Cell, FinishedImage } from "#state/batch.ts";
import { imageName, modelText } from "#state/names.ts";
import type { Pixels } from "#state/pixels.ts";
import { DetailsButton } from "#ui/shared/DetailsButton.tsx";
import { durationText } from "#ui/shared/format.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { ImageActions } from "../ImageActions.tsx";
import { countsText } from "../TauSlider/layout.ts";
import type { CaptionLook } from "./layout.ts";
import styles from "./ResultCell.module.css";

export interface ResultCellProps {
  readonly cell: Cell;
  readonly seed: number;
  readonly model: string;
  readonly tau: number;
  /** Names the model under the picture instead of the seed. */
  readonly byModel: boolean;
  readonly look: CaptionLook;
  /** A draft counts as a picture of its own, with a name: on the first visit it is what one came to see. */
  readonly draftCounts: boolean;
  onOpen(image: FinishedImage): void;
}

/** Pixels that stand in the place before the real picture is there. */
const provisional = (cell: Cell): Pixels | null => {
  if (cell.status === "sampling" || cell.status === "stopped") return cell.draft?.pixels ?? cell.preview;
  return cell.status === "waiting" ? (cell.draft?.pixels ?? null) : null;
};

/** What the picture took, measured. */
const factsText = ({ settings: { nfe }, ms }: FinishedImage): string =>
  `${countsText(nfe)} NFE, ${durationText(ms.sample)} + ${durationText(ms.decode)} decoding`;

/** What is going on in a place without a finished picture. */
function statusText(cell: Cell): string {
  switch (cell.status) {
    case "waiting":
      return cell.draft ? "light draft" : "waiting";
    case "sampling":
      return `step ${cell.step} of ${cell.of}`;
    case "stopped":
      return "stopped";
    case "removed":
      return "deleted";
    case "finished":
      return "";
    default:
      return cell satisfies never;
  }
}

interface CellTitleProps {
  readonly seed: number;
  /** Named where several models stand side by side. */
  readonly model: string | null;
  /** What is going on in a place without a finished picture. */
  readonly status: string | null;
}

function CellTitle({ seed, model, status }: CellTitleProps) {
  if (model !== null) {
    return (
      <div className={styles.words}>
        <p className={styles.title}>{model}</p>
        <p className={styles.facts}>{status === null ? `seed ${seed}` : `seed ${seed}, ${status}`}</p>
      </div>
    );
  }
  return (
    <>
      <span className={styles.title}>seed {seed}</span>
      {status !== null && <span className={styles.status}>{status}</span>}
    </>
  );
}

/** One place of the grid; its size never depends on what is in it. */
export const ResultCell = memo(function ResultCell({
  cell,
  seed,
  model,
  tau,
  byModel,
  look,
  draftCounts,
  onOpen,
}: ResultCellProps) {
  const title = byModel ? modelText({ model, tau }) : null;
  const full = look === "wide" || look === "tall";
  if (cell.status === "finished") {
    const { image } = cell;
    return (
      <figure className={styles.cell}>
        <div className={styles.picture} data-finished>
          <PixelCanvas
            pixels={image.pixels}
            name={imageName(image.settings)}
            className={styles.canvas}
            onClick={() => onOpen(image)}
          />
          <DetailsButton seed={seed} onOpen={() => onOpen(image)} />
        </div>
        <figcaption className={styles.caption} data-look={look}>
          {full ? (
            <div className={styles.words}>
              <p className={styles.name}>{imageName(image.settings)}</p>
              <p className={styles.facts}>{factsText(image)}</p>
            </div>
          ) : (
            <CellTitle seed={seed} model={title} status={null} />
          )}
          <ImageActions image={image} wide={full} />
        </figcaption>
      </figure>
    );
  }
  const pixels = provisional(cell);
  const draft = "draft" in cell ? cell.draft : null;
  return (
    <figure className={styles.cell} aria-busy={cell.status === "sampling" || undefined}>
      <div className={styles.picture} data-status={cell.status}>
        {pixels && (
          <PixelCanvas
            pixels={pixels}
            className={styles.canvas}
            name={draft && draftCounts ? imageName(draft.settings) : undefined}
          />
        )}
        {cell.status === "sampling" && (
          <span
            className={styles.bar}
            style={{ scale: `${cell.step / cell.of} 1` }}
            data-served={cell.served}
          />
        )}
      </div>
      <figcaption className={styles.caption} data-look={look}>
        <CellTitle seed={seed} model={title} status={statusText(cell)} />
      </figcaption>
    </figure>
  );
});
