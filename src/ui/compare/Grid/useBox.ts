import { type RefObject, useLayoutEffect, useState } from "react";

/** Room that an element offers, in CSS pixels, and the density of the screen. */
export interface Box {
  readonly width: number;
  readonly height: number;
  readonly density: number;
}

/** Inner size of the element; null before the first measurement. Where the page scrolls instead of the element, the
 *  element's height follows from its content, so the window's counts. */
export function useBox(ref: RefObject<HTMLElement | null>): Box | null {
  const [box, setBox] = useState<Box | null>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const scrolls = getComputedStyle(element).overflowY !== "hidden";
      const next: Box = {
        width: element.clientWidth,
        height: scrolls ? element.clientHeight : innerHeight,
        density: devicePixelRatio || 1,
      };
      setBox((now) =>
        now && now.width === next.width && now.height === next.height && now.density === next.density
          ? now
          : next,
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      removeEventListener("resize", measure);
    };
  }, [ref]);
  return box;
}
