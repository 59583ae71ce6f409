import styles from "./DetailsButton.module.css";

export interface DetailsButtonProps {
  readonly seed: number;
  onOpen(): void;
}

/** The keyboard's way to what a click on a picture does. It lies over the picture and lets the pointer through: a
 *  picture inside a button would lose its own name. */
export function DetailsButton({ seed, onOpen }: DetailsButtonProps) {
  return (
    <button
      type="button"
      className={styles.details}
      aria-haspopup="dialog"
      aria-label={`Details, ${seed}`}
      onClick={onOpen}
    />
  );
}
