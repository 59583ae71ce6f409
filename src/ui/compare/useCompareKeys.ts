import { useEffect } from "react";
import type { Comparisons } from "#state/compare/comparisons.ts";

/** Ctrl or ⌘ + Enter draws the grid or goes on with it, Escape pauses, wherever the focus is on the page. */
export function useCompareKeys(comparisons: Comparisons): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open menu or dialog has taken its Escape already.
      if (event.defaultPrevented) return;
      const { status } = comparisons.store.getState().run;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        if (status === "paused") comparisons.resume();
        else comparisons.start();
      } else if (event.key === "Escape") comparisons.pause();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [comparisons]);
}
