import type { CSSProperties } from "react";
import type { Batch, FinishedImage } from "#state/batch.ts";
import { useApp } from "#ui/shared/context.ts";
import { useRoom } from "#ui/shared/useRoom.ts";
import { captionLook, gridLayout } from "./layout.ts";
import { ResultCell } from "./ResultCell.tsx";
import styles from "./ResultGrid.module.css";

export interface ResultGridProps {
  readonly batch: Batch;
  /** Side of the pictures in their own pixels. */
  readonly imageSize: number;
  onOpen(image: FinishedImage): void;
}

/** The pictures of a batch in places of one size, the largest that the room allows. */
export function ResultGrid({ batch, imageSize, onOpen }: ResultGridProps) {
  const enlarge = useApp((app) => app.preferences.enlarge);
  const { ref, room } = useRoom();
  const columns = batch.models.length > 1 ? batch.models.length : null;
  const layout = room && gridLayout({ cells: batch.cells.length, columns, image: imageSize, ...room });
  const style: (CSSProperties & Record<`--${string}`, string | number>) | undefined = layout
    ? {
        "--side": `${layout.side}px`,
        "--columns": layout.columns,
        "--enlarge": enlarge === "crisp" && layout.even ? "pixelated" : "auto",
      }
    : undefined;
  return (
    <div ref={ref} className={styles.room}>
      {layout && (
        <div className={styles.grid} style={style}>
          {batch.seeds.flatMap((seed, row) =>
            batch.models.map((model, column) => {
              const cell = batch.cells[row * batch.models.length + column];
              return (
                cell && (
                  <ResultCell
                    key={`${batch.id} ${seed} ${model}`}
                    cell={cell}
                    seed={seed}
                    model={model}
                    tau={batch.settings.tau}
                    byModel={columns !== null}
                    look={captionLook(layout.side, columns !== null)}
                    draftCounts={batch.origin === "first-visit"}
                    onOpen={onOpen}
                  />
                )
              );
            }),
          )}
        </div>
      )}
    </div>
  );
}
