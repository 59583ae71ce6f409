import { Tabs } from "radix-ui";
import { useEffect, useState } from "react";
import { selectFamily } from "#state/app.ts";
import { type FinishedImage, finishedImages } from "#state/batch.ts";
import type { StageView } from "#state/settings.ts";
import { Gallery } from "#ui/gallery/Gallery.tsx";
import { Button } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { Segmented } from "#ui/shared/Segmented.tsx";
import { stateWords } from "#ui/shared/stateWords.ts";
import tabLook from "#ui/shared/tab.module.css";
import { EngineNotice } from "../EngineNotice/EngineNotice.tsx";
import { ImageDetails } from "../ImageDetails/ImageDetails.tsx";
import { OpenPng } from "../OpenPng/OpenPng.tsx";
import { Progress } from "../Progress/Progress.tsx";
import { EmptyGrid } from "../ResultGrid/EmptyGrid.tsx";
import { ResultGrid } from "../ResultGrid/ResultGrid.tsx";
import styles from "./Stage.module.css";
import { StageMenu } from "./StageMenu.tsx";

const VIEWS: readonly { readonly value: StageView; readonly label: string; readonly hint: string }[] = [
  { value: "one", label: "One model", hint: "The chosen model alone" },
  {
    value: "three",
    label: "All three",
    hint: "Light, coarse-to-fine and heavy of each seed, side by side",
  },
];

/** What is said before the first batch, in one line; trouble is said elsewhere. */
function Opening() {
  const words = useApp(({ engine: { state } }) => {
    const { tone, text } = stateWords(state);
    if (tone === "bad") return "";
    return state.status === "preparing" ? text : "The first picture is on its way.";
  });
  return <p className={styles.waiting}>{words}</p>;
}

/** Where the pictures are: those of this batch, and those that were kept. */
export function Stage() {
  const { session, pictures } = useStudio();
  const batch = useApp((app) => app.batch);
  const view = useApp((app) => app.settings.view);
  const family = useApp(selectFamily);
  const kept = useApp((app) => app.gallery.entries.length);
  const [opened, setOpened] = useState<FinishedImage | null>(null);
  const [tab, setTab] = useState("batch");
  // Whoever generates wants to see it, also from the gallery.
  const batchId = batch?.id;
  useEffect(() => {
    if (batchId) setTab("batch");
  }, [batchId]);
  const images = finishedImages(batch);
  const changeView = (next: StageView) => {
    session.changeSettings({ view: next });
    session.generate();
  };
  return (
    <Tabs.Root value={tab} onValueChange={setTab} className={styles.stage} activationMode="automatic">
      <div className={styles.tools}>
        <Tabs.List className={styles.tabs} aria-label="Pictures">
          <Tabs.Trigger value="batch" className={tabLook.tab}>
            Pictures
          </Tabs.Trigger>
          <Tabs.Trigger value="gallery" className={tabLook.tab}>
            Gallery{kept > 0 && <span className={styles.count}>{kept}</span>}
          </Tabs.Trigger>
        </Tabs.List>
        <div className={styles.right}>
          <OpenPng />
          <StageMenu />
        </div>
      </div>
      <EngineNotice />
      <Tabs.Content value="batch" className={styles.content}>
        <div className={styles.line}>
          <div className={styles.progress}>{batch ? <Progress batch={batch} /> : <Opening />}</div>
          <div className={styles.right}>
            {images.length > 1 && (
              <Button icon="package" onClick={() => pictures.downloadAll(images)}>
                Zip of {images.length}
              </Button>
            )}
            <Segmented legend="View" legendHidden options={VIEWS} value={view} onChange={changeView} />
          </div>
        </div>
        {!batch && <EmptyGrid />}
        {batch && family && <ResultGrid batch={batch} imageSize={family.image_size} onOpen={setOpened} />}
      </Tabs.Content>
      <Tabs.Content value="gallery" className={styles.content}>
        <Gallery onOpen={setOpened} />
      </Tabs.Content>
      <ImageDetails image={opened} onClose={() => setOpened(null)} />
    </Tabs.Root>
  );
}
