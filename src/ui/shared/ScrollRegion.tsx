import type { ReactNode } from "react";
import styles from "./ScrollRegion.module.css";

export interface ScrollRegionProps {
  readonly label: string;
  /** Also scrolls down, at the height of a chart. */
  readonly tall?: boolean;
  /** Looks of the place. */
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** Something wide or long that scrolls in its place. */
export function ScrollRegion({ label, tall = false, className, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it Safari gives a keyboard no way to scroll here (WCAG 2.1.1)
    <section className={className ?? (tall ? styles.tall : styles.scroll)} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
