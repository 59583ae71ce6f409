import { type RefObject, useLayoutEffect, useState } from "react";

/** What can be seen of an element, in its own coordinates. */
export interface Sight {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Sight is told in such steps, so that most scrolling changes nothing. */
const STEP = 64;

const same = (a: Sight, b: Sight) =>
  a.left === b.left && a.right === b.right && a.top === b.top && a.bottom === b.bottom;

/** What of `of` lies inside `within` and the window, rounded outwards; null before it is known and while it is not asked for. */
export function useSight(
  of: RefObject<HTMLElement | null>,
  within: RefObject<HTMLElement | null>,
  wanted: boolean,
): Sight | null {
  const [sight, setSight] = useState<Sight | null>(null);
  useLayoutEffect(() => {
    if (!wanted) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      const inner = of.current?.getBoundingClientRect();
      const outer = within.current?.getBoundingClientRect();
      if (!inner || !outer) return;
      const down = (length: number) => Math.floor(length / STEP) * STEP;
      const up = (length: number) => Math.ceil(length / STEP) * STEP;
      const next: Sight = {
        left: down(Math.max(0, outer.left) - inner.left),
        right: up(Math.min(innerWidth, outer.right) - inner.left),
        top: down(Math.max(0, outer.top) - inner.top),
        bottom: up(Math.min(innerHeight, outer.bottom) - inner.top),
      };
      setSight((now) => (now && same(now, next) ? now : next));
    };
    const soon = () => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    const resized = new ResizeObserver(soon);
    if (of.current) resized.observe(of.current);
    if (within.current) resized.observe(within.current);
    // Scrolling does not bubble; caught on its way down, it is heard whichever element scrolls.
    document.addEventListener("scroll", soon, { capture: true, passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
      document.removeEventListener("scroll", soon, { capture: true });
      removeEventListener("resize", soon);
    };
  }, [of, within, wanted]);
  return wanted ? sight : null;
}
