import { Tabs } from "radix-ui";
import { useState } from "react";
import type { OpenSet } from "#state/finetune/finetune.ts";
import { Button } from "#ui/shared/Button.tsx";
import tabLook from "#ui/shared/tab.module.css";
import { useFinetune, useFinetuning } from "../context.ts";
import { Agreement } from "./Agreement.tsx";
import styles from "./ChoiceStage.module.css";
import { Closer } from "./Closer.tsx";
import { Histograms } from "./Histograms.tsx";
import { SetGallery } from "./SetGallery.tsx";
import { SetMap } from "./SetMap.tsx";
import { useKept } from "./useKept.ts";

const TABS = [
  { value: "gallery", title: "Gallery" },
  { value: "map", title: "Map" },
  { value: "scores", title: "Scores" },
  { value: "agreement", title: "Agreement" },
] as const;
type Tab = (typeof TABS)[number]["value"];

/** The pictures of the set, looked at in four ways, beside the one that is looked at closely. */
export function ChoiceStage({ set }: { readonly set: OpenSet }) {
  const finetuning = useFinetuning();
  const scores = useFinetune((state) => state.scoring.scores);
  const [tab, setTab] = useState<Tab>("gallery");
  const { mask } = useKept();
  const clusters = scores?.clusters;
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value) => setTab(TABS.find((one) => one.value === value)?.value ?? "gallery")}
      className={styles.stage}
    >
      <div className={styles.top}>
        <Tabs.List className={styles.tabs} aria-label="Ways to look at the set">
          {TABS.map(({ value, title }) => (
            <Tabs.Trigger key={value} value={value} className={tabLook.tab}>
              {title}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <div className={styles.actions}>
          <Button
            look="quiet"
            icon="download"
            disabled={!mask}
            onClick={() => finetuning.exportSelection("csv")}
          >
            CSV
          </Button>
          <Button
            look="quiet"
            icon="download"
            disabled={!mask}
            onClick={() => finetuning.exportSelection("json")}
          >
            JSON
          </Button>
        </div>
      </div>
      <div className={styles.body} data-wide={tab === "scores" || tab === "agreement" || undefined}>
        <Tabs.Content value="gallery" className={styles.content} tabIndex={-1}>
          <SetGallery set={set} />
        </Tabs.Content>
        <Tabs.Content value="map" className={styles.content} tabIndex={-1}>
          {scores && clusters ? (
            <SetMap set={set} scores={scores} clusters={clusters} />
          ) : (
            <Missing what="The map needs features: measure them on the left, and pictures that look alike to the heavy model lie side by side here." />
          )}
        </Tabs.Content>
        <Tabs.Content value="scores" className={styles.content} tabIndex={-1}>
          {scores && (clusters || scores.loss || scores.dominance) ? (
            <Histograms scores={scores} />
          ) : (
            <Missing what="Nothing has been measured yet. Measure on the left, and see here how the scores are spread." />
          )}
        </Tabs.Content>
        <Tabs.Content value="agreement" className={styles.content} tabIndex={-1}>
          {scores ? (
            <Agreement />
          ) : (
            <Missing what="Measure on the left, and see here how far the criteria agree on what to keep." />
          )}
        </Tabs.Content>
        {tab !== "scores" && tab !== "agreement" && <Closer set={set} />}
      </div>
    </Tabs.Root>
  );
}

const Missing = ({ what }: { readonly what: string }) => <p className={styles.missing}>{what}</p>;
