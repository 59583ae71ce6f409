import { DropdownMenu } from "radix-ui";
import { Button } from "#ui/shared/Button.tsx";
import { Icon, type IconName } from "#ui/shared/Icon.tsx";
import { layerRoot } from "#ui/shared/layerRoot.ts";
import menu from "#ui/shared/menu.module.css";
import { useComparison, useComparisons } from "../context.ts";
import { finishedCount } from "../progress.ts";
import styles from "./SavedDialog.module.css";

/** Pictures and numbers as files, and the link to the grid. */
export function TakeAway() {
  const comparisons = useComparisons();
  const some = useComparison((comparison) => finishedCount(comparison) > 0);
  const item = (icon: IconName, words: string, act: () => void, disabled = false) => (
    <DropdownMenu.Item className={menu.item} onSelect={act} disabled={disabled}>
      <Icon name={icon} />
      {words}
    </DropdownMenu.Item>
  );
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button icon="download" look="quiet">
          <span className={styles.words}>Take away</span>
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={layerRoot()}>
        <DropdownMenu.Content className={menu.content} align="end" sideOffset={4} collisionPadding={8}>
          {item("download", "Picture of the grid, PNG", comparisons.exportPng, !some)}
          {item("package", "All pictures with settings, zip", comparisons.exportZip, !some)}
          {item("table", "Numbers, CSV", comparisons.exportCsv, !some)}
          {item("table", "Numbers, JSON", comparisons.exportJson, !some)}
          <DropdownMenu.Separator className={menu.separator} />
          {item("link", "Copy link to this grid", comparisons.copyLink)}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
