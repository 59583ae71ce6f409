import { type RefObject, useEffect, useRef } from "react";

/** Gives the focus to the step that is shown when what had it is gone: a button that led on, or one of what has ended. The next
 *  Tab goes on from there, not from the top of the page. shown: changes when something else is shown. */
export function useFocusKept(page: RefObject<HTMLElement | null>, shown: string): void {
  const before = useRef(shown);
  useEffect(() => {
    if (before.current === shown) return; // a page that was just opened takes no focus
    before.current = shown;
    const { activeElement } = document;
    if (activeElement !== null && activeElement !== document.body) return;
    page.current?.querySelector<HTMLElement>("[aria-current=step]")?.focus({ preventScroll: true });
  }, [page, shown]);
}
