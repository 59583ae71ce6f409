import { Tabs } from "radix-ui";
import type { OpenSet } from "#state/finetune/finetune.ts";
import styles from "./ChoiceStage.module.css";
import { Closer } from "./Closer.tsx";
import { SetGallery } from "./SetGallery.tsx";

const TABS = [{ value: "gallery", title: "Gallery" }] as const;

/** The pictures of the set, looked at in four ways, beside the one that is looked at closely. */
export function ChoiceStage({ set }: { readonly set: OpenSet }) {
  return (
    <Tabs.Root defaultValue="gallery" className={styles.stage}>
      <Tabs.List className={styles.tabs} aria-label="Ways to look at the set">
        {TABS.map(({ value, title }) => (
          <Tabs.Trigger key={value} value={value} className={styles.tab}>
            {title}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <div className={styles.body}>
        <Tabs.Content value="gallery" className={styles.content} tabIndex={-1}>
          <SetGallery set={set} />
        </Tabs.Content>
        <Closer set={set} />
      </div>
    </Tabs.Root>
  );
}
