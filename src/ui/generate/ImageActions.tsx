import { DropdownMenu } from "radix-ui";
import type { FinishedImage } from "#state/batch.ts";
import { isFavourite } from "#state/gallery/reducer.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { Icon, type IconName } from "#ui/shared/Icon.tsx";
import menu from "#ui/shared/menu.module.css";
import styles from "./ImageActions.module.css";

export interface ImageActionsProps {
  readonly image: FinishedImage;
  /** Shows downloading and copying beside the menu too. */
  readonly wide?: boolean;
}

/** What can be done with a picture: the favourite mark in reach, the rest in a menu. */
export function ImageActions({ image, wide = false }: ImageActionsProps) {
  const studio = useStudio();
  const favourite = useApp((app) => isFavourite(app.gallery, image.key));
  const item = (icon: IconName, label: string, act: () => void, danger = false) => (
    <DropdownMenu.Item className={danger ? menu.danger : menu.item} onSelect={act}>
      <Icon name={icon} />
      {label}
    </DropdownMenu.Item>
  );
  return (
    <div className={styles.actions}>
      <IconButton
        className={favourite ? styles.favourite : styles.small}
        icon="heart"
        filled={favourite}
        aria-pressed={favourite}
        label={`Favourite, ${image.settings.seed}`}
        onClick={() => studio.library.setFavourite(image, !favourite)}
      />
      {wide && (
        <>
          <IconButton
            className={styles.small}
            icon="download"
            label="Download PNG"
            onClick={() => studio.pictures.download(image)}
          />
          <IconButton
            className={styles.small}
            icon="copy"
            label="Copy image"
            onClick={() => studio.pictures.copyImage(image)}
          />
          <IconButton
            className={styles.small}
            icon="link"
            label="Copy link"
            onClick={() => studio.pictures.copyLink(image)}
          />
        </>
      )}
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <IconButton className={styles.small} icon="more" label={`More for ${image.settings.seed}`} />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className={menu.content} align="end" sideOffset={4} collisionPadding={8}>
            {item("download", "Download PNG", () => studio.pictures.download(image))}
            {item("copy", "Copy image", () => studio.pictures.copyImage(image))}
            {item("link", "Copy link", () => studio.pictures.copyLink(image))}
            <DropdownMenu.Separator className={menu.separator} />
            {item("lock", "Use this seed", () =>
              studio.session.changeSettings({ seed: image.settings.seed }),
            )}
            {item("reuse", "Use all settings", () => studio.pictures.reuse(image))}
            <DropdownMenu.Separator className={menu.separator} />
            {item("trash", "Delete", () => studio.library.remove([image.key]), true)}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </div>
  );
}
