import type { ReactNode } from "react";
import styles from "./ScrollRegion.module.css";

export interface ScrollRegionProps {
  readonly label: string;
  /** Also scrolls down, at the height of a chart. */
  readonly tall?: boolean;
  readonly children: ReactNode;
}

/** Something wide or long that scrolls in its place. */
export function ScrollRegion({ label, tall = false, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <section className={tall ? styles.tall : styles.scroll} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
