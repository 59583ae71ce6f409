import { useEffect } from "react";
import { useStudio } from "#ui/shared/context.ts";

/** Ctrl or ⌘ + Enter generates, Escape cancels, wherever the focus is on the page. */
export function useGenerateKeys(): void {
  const { session } = useStudio();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open menu or dialog has taken its Escape already.
      if (event.defaultPrevented) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        session.generate();
      } else if (event.key === "Escape") session.cancel();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [session]);
}
