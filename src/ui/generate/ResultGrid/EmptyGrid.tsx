import type { CSSProperties } from "react";
import { useRoom } from "#ui/shared/useRoom.ts";
import { captionLook, gridLayout } from "./layout.ts";
import cell from "./ResultCell.module.css";
import styles from "./ResultGrid.module.css";

/** The place of the first picture before anything is known but its size, so that nothing moves when it comes. */
export function EmptyGrid() {
  const { ref, room } = useRoom();
  const layout = room && gridLayout({ cells: 1, columns: null, image: 64, ...room });
  const style: (CSSProperties & Record<`--${string}`, string | number>) | undefined = layout
    ? { "--side": `${layout.side}px`, "--columns": 1 }
    : undefined;
  return (
    <div ref={ref} className={styles.room} aria-hidden="true">
      {layout && (
        <div className={styles.grid} style={style}>
          <div className={cell.cell}>
            <div className={cell.picture} />
            <div className={cell.caption} data-look={captionLook(layout.side, false)} />
          </div>
        </div>
      )}
    </div>
  );
}
