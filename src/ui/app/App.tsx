import { useEffect } from "react";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { GeneratePage } from "../generate/GeneratePage.tsx";
import styles from "./App.module.css";
import { Header } from "./Header/Header.tsx";
import { Notices } from "./Notices/Notices.tsx";
import { useTheme } from "./useTheme.ts";

/** The page: header, the one page there is, messages; keys that work everywhere. */
export function App() {
  const { session } = useStudio();
  const status = useApp((app) => app.engine.state.status);
  useTheme(useApp((app) => app.preferences.theme));
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
  return (
    <>
      <Header />
      <main className={styles.main} data-engine-state={status}>
        <h1 className={styles.hidden}>Generate images</h1>
        <GeneratePage />
      </main>
      <Notices />
    </>
  );
}
