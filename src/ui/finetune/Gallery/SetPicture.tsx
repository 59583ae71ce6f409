import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import styles from "./SetPicture.module.css";
import { usePicture } from "./usePicture.ts";

export interface SetPictureProps {
  readonly index: number;
  /** What a screen reader says; without it the picture is decoration. */
  readonly name?: string;
}

/** A picture of the set, as wide as its place. */
export function SetPicture({ index, name }: SetPictureProps) {
  const pixels = usePicture(index);
  return pixels ? (
    <PixelCanvas pixels={pixels} name={name} className={styles.picture} />
  ) : (
    <div className={styles.waiting} />
  );
}
