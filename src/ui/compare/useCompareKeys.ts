import { type RefObject, useEffect } from "react";
import type { Comparisons } from "#state/compare/comparisons.ts";

/** Ctrl or ⌘ + Enter draws the grid or goes on with it, as the button of `form` does, Escape pauses, wherever the focus is on
 *  the page. */
export function useCompareKeys(comparisons: Comparisons, form: RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open menu or dialog has taken its Escape already.
      if (event.defaultPrevented) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.current?.requestSubmit();
      } else if (event.key === "Escape") comparisons.pause();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [comparisons, form]);
}
