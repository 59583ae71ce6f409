import { lazy, Suspense } from "react";
import type { Page } from "#state/page.ts";
import { useApp } from "#ui/shared/context.ts";
import { GeneratePage } from "../generate/GeneratePage.tsx";
import styles from "./App.module.css";
import { Header } from "./Header/Header.tsx";
import { Notices } from "./Notices/Notices.tsx";
import { PageBoundary } from "./PageBoundary.tsx";
import { useTheme } from "./useTheme.ts";

/** What only comparing needs is fetched when it is first opened. */
const ComparePage = lazy(() =>
  import("#ui/compare/ComparePage.tsx").then((module) => ({ default: module.ComparePage })),
);

const FinetunePage = lazy(() =>
  import("#ui/finetune/FinetunePage.tsx").then((module) => ({ default: module.FinetunePage })),
);

const ModelsPage = lazy(() =>
  import("#ui/models/ModelsPage.tsx").then((module) => ({ default: module.ModelsPage })),
);

const TITLES: Readonly<Record<Page, string>> = {
  generate: "Generate images",
  compare: "Compare pictures of the same seeds",
  finetune: "Fine-tune on your own pictures",
  models: "Models",
};

const OPENING: Readonly<Record<Exclude<Page, "generate">, string>> = {
  compare: "Opening the comparison.",
  finetune: "Opening the fine-tuning.",
  models: "Opening the models.",
};

/** The page: header, the page that the address names, messages. */
export function App() {
  const page = useApp((app) => app.page);
  const status = useApp((app) => app.engine.state.status);
  useTheme(useApp((app) => app.preferences.theme));
  return (
    <>
      <Header />
      <main className={styles.main} data-engine-state={status}>
        <h1 className={styles.hidden}>{TITLES[page]}</h1>
        {page === "generate" ? (
          <GeneratePage />
        ) : (
          <PageBoundary key={page}>
            <Suspense fallback={<p className={styles.opening}>{OPENING[page]}</p>}>
              {page === "compare" ? <ComparePage /> : page === "finetune" ? <FinetunePage /> : <ModelsPage />}
            </Suspense>
          </PageBoundary>
        )}
      </main>
      <Notices />
    </>
  );
}
