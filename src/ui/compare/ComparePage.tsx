import { Tabs } from "radix-ui";
import { Fragment, lazy, Suspense, use, useMemo, useState } from "react";
import { useStudio } from "#ui/shared/context.ts";
import tabLook from "#ui/shared/tab.module.css";
import styles from "./ComparePage.module.css";
import { CompareContext, useComparison } from "./context.ts";
import { CompareGrid } from "./Grid/CompareGrid.tsx";
import { Inspector } from "./Inspector/Inspector.tsx";
import { createLook } from "./look.ts";
import { Numbers } from "./Numbers/Numbers.tsx";
import { RunLine } from "./RunLine.tsx";
import { RunNotice } from "./RunNotice.tsx";
import { Scrubber } from "./Scrubber/Scrubber.tsx";
import { Setup } from "./Setup/Setup.tsx";
import { SavedDialog } from "./TakeAway/SavedDialog.tsx";
import { TakeAway } from "./TakeAway/TakeAway.tsx";
import { Toolbar } from "./Toolbar/Toolbar.tsx";

/** The charts and their library come when they are first looked at. */
const Curves = lazy(() => import("./Curves/Curves.tsx").then((module) => ({ default: module.Curves })));

const TABS = [
  { value: "pictures", title: "Pictures" },
  { value: "numbers", title: "Numbers" },
  { value: "curves", title: "Curves" },
] as const;

/** What is compared, beside the grid and its figures; on a narrow screen the grid comes first. */
export function ComparePage() {
  const comparisons = use(useStudio().comparisons());
  const value = useMemo(
    () => ({ comparisons, look: createLook(!matchMedia("(prefers-reduced-motion: reduce)").matches) }),
    [comparisons],
  );
  return (
    <CompareContext value={value}>
      <Layout />
    </CompareContext>
  );
}

function Layout() {
  const run = useComparison((comparison) => comparison.run.status);
  return (
    <div className={styles.page} data-run={run}>
      <Setup />
      <Stage />
    </div>
  );
}

/** The grid, looked at in three ways. */
function Stage() {
  const grid = useComparison((comparison) => comparison.grid);
  const family = useComparison((comparison) => comparison.family);
  const settings = useComparison((comparison) => comparison.settings);
  // React keeps the last tree of what is still mounted, and with it every picture in its props: what was let go must unmount.
  const generation = useComparison((comparison) => comparison.generation);
  // Radix focuses a tab that is pressed by script, which browsers take for the keyboard's doing.
  const [pressed, setPressed] = useState(false);
  return (
    <Tabs.Root defaultValue="pictures" className={styles.stage}>
      <div className={styles.top}>
        <Tabs.List
          className={styles.tabs}
          aria-label="Ways to look at the grid"
          data-pressed={pressed || undefined}
          onPointerDown={() => setPressed(true)}
          onKeyDown={() => setPressed(false)}
          onBlur={({ currentTarget, relatedTarget }) => {
            if (!currentTarget.contains(relatedTarget)) setPressed(false);
          }}
        >
          {TABS.map(({ value, title }) => (
            <Tabs.Trigger key={value} value={value} className={tabLook.tab}>
              {title}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <RunLine />
        <div className={styles.actions}>
          <SavedDialog />
          <TakeAway />
        </div>
      </div>
      <RunNotice />
      <Tabs.Content value="pictures" className={styles.pictures} tabIndex={-1}>
        {grid && family && (
          <Fragment key={generation}>
            <div className={styles.main}>
              <Toolbar />
              <CompareGrid grid={grid} settings={settings} imageSize={family.image_size} />
              <Scrubber grid={grid} />
            </div>
            <Inspector grid={grid} settings={settings} imageSize={family.image_size} />
          </Fragment>
        )}
      </Tabs.Content>
      <Tabs.Content value="numbers" className={styles.scroll}>
        {grid && <Numbers key={generation} grid={grid} settings={settings} />}
      </Tabs.Content>
      <Tabs.Content value="curves" className={styles.scroll}>
        <Suspense fallback={<p className={styles.waiting}>Loading the charts.</p>}>
          {grid && <Curves key={generation} grid={grid} settings={settings} />}
        </Suspense>
      </Tabs.Content>
    </Tabs.Root>
  );
}
