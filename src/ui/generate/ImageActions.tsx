import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import type { FinishedImage } from "#state/batch.ts";
import { isFavourite } from "#state/gallery/reducer.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { Icon, type IconName } from "#ui/shared/Icon.tsx";
import { layerRoot } from "#ui/shared/layerRoot.ts";
import menu from "#ui/shared/menu.module.css";
import styles from "./ImageActions.module.css";

export interface ImageActionsProps {
  readonly image: FinishedImage;
  /** Shows downloading and copying beside the menu too. */
  readonly wide?: boolean;
}

/** What can be done with a picture: the favourite mark in reach, the rest in a menu. */
export function ImageActions({ image, wide = false }: ImageActionsProps) {
  const { library, pictures } = useStudio();
  const favourite = useApp((app) => isFavourite(app.gallery, image.key));
  // A menu is machinery: sixty-four of them at once would hold up the page. It is made when it is first wanted.
  const [wanted, setWanted] = useState(false);
  const more = `More for ${image.settings.seed}`;
  return (
    <div className={styles.actions}>
      <IconButton
        className={favourite ? styles.favourite : styles.small}
        icon="heart"
        filled={favourite}
        aria-pressed={favourite}
        label={`Favourite, ${image.settings.seed}`}
        onClick={() => library.setFavourite(image, !favourite)}
      />
      {wide && (
        <>
          <IconButton
            className={styles.small}
            icon="download"
            label="Download PNG"
            onClick={() => pictures.download(image)}
          />
          <IconButton
            className={styles.small}
            icon="copy"
            label="Copy image"
            onClick={() => pictures.copyImage(image)}
          />
          <IconButton
            className={styles.small}
            icon="link"
            label="Copy link"
            onClick={() => pictures.copyLink(image)}
          />
        </>
      )}
      {wanted ? (
        <ImageMenu image={image} label={more} />
      ) : (
        <IconButton
          className={styles.small}
          icon="more"
          label={more}
          aria-haspopup="menu"
          aria-expanded={false}
          onClick={() => setWanted(true)}
        />
      )}
    </div>
  );
}

interface ImageMenuProps {
  readonly image: FinishedImage;
  readonly label: string;
}

/** Everything that can be done with a picture, open at first. */
function ImageMenu({ image, label }: ImageMenuProps) {
  const { library, pictures, session } = useStudio();
  const item = (icon: IconName, words: string, act: () => void, danger = false) => (
    <DropdownMenu.Item className={danger ? menu.danger : menu.item} onSelect={act}>
      <Icon name={icon} />
      {words}
    </DropdownMenu.Item>
  );
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton className={styles.small} icon="more" label={label} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={layerRoot()}>
        <DropdownMenu.Content className={menu.content} align="end" sideOffset={4} collisionPadding={8}>
          {item("download", "Download PNG", () => pictures.download(image))}
          {item("copy", "Copy image", () => pictures.copyImage(image))}
          {item("link", "Copy link", () => pictures.copyLink(image))}
          <DropdownMenu.Separator className={menu.separator} />
          {item("lock", "Use this seed", () => session.changeSettings({ seed: image.settings.seed }))}
          {item("reuse", "Use all settings", () => pictures.reuse(image))}
          <DropdownMenu.Separator className={menu.separator} />
          {item("trash", "Delete", () => library.remove([image.key]), true)}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
