import { DropdownMenu } from "radix-ui";
import { IconButton } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { Icon } from "#ui/shared/Icon.tsx";
import { layerRoot } from "#ui/shared/layerRoot.ts";
import menu from "#ui/shared/menu.module.css";

/** What concerns all pictures: how they are enlarged, the link to these settings. */
export function StageMenu() {
  const { store, pictures, setPreferences } = useStudio();
  const enlarge = useApp((app) => app.preferences.enlarge);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton icon="more" label="More for all pictures" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={layerRoot()}>
        <DropdownMenu.Content className={menu.content} align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Item
            className={menu.item}
            onSelect={() => pictures.copyLinkToSettings(store.getState().settings)}
          >
            <Icon name="link" />
            Copy link to these settings
          </DropdownMenu.Item>
          <DropdownMenu.Separator className={menu.separator} />
          <DropdownMenu.CheckboxItem
            className={menu.item}
            checked={enlarge === "crisp"}
            onCheckedChange={(crisp) => setPreferences({ enlarge: crisp ? "crisp" : "smooth" })}
          >
            <span className={menu.tick}>
              <DropdownMenu.ItemIndicator>
                <Icon name="check" />
              </DropdownMenu.ItemIndicator>
            </span>
            Show every pixel
          </DropdownMenu.CheckboxItem>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
