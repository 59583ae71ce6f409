import type { ReactNode } from "react";
import styles from "./ScrollRegion.module.css";

export interface ScrollRegionProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** Something wide that scrolls sideways in its place. */
export function ScrollRegion({ label, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard
    <section className={styles.scroll} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
