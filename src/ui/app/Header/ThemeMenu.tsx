import { DropdownMenu } from "radix-ui";
import type { Theme } from "#state/preferences.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { Icon } from "#ui/shared/Icon.tsx";
import { layerRoot } from "#ui/shared/layerRoot.ts";
import menu from "#ui/shared/menu.module.css";

const THEMES: readonly { readonly value: Theme; readonly label: string }[] = [
  { value: "system", label: "Like the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

const isTheme = (text: string): text is Theme => THEMES.some(({ value }) => value === text);

/** Light, dark, or whatever the system says. */
export function ThemeMenu() {
  const { setPreferences } = useStudio();
  const theme = useApp((app) => app.preferences.theme);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton icon="theme" label="Theme" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={layerRoot()}>
        <DropdownMenu.Content className={menu.content} align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.RadioGroup
            value={theme}
            onValueChange={(next) => isTheme(next) && setPreferences({ theme: next })}
          >
            {THEMES.map(({ value, label }) => (
              <DropdownMenu.RadioItem key={value} value={value} className={menu.item}>
                <span className={menu.tick}>
                  <DropdownMenu.ItemIndicator>
                    <Icon name="check" />
                  </DropdownMenu.ItemIndicator>
                </span>
                {label}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
