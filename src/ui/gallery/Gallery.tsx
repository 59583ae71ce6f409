import { useState } from "react";
import type { FinishedImage } from "#state/batch.ts";
import { imageName, modelText } from "#state/names.ts";
import { Button } from "#ui/shared/Button.tsx";
import { ConfirmButton } from "#ui/shared/ConfirmButton.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import { DetailsButton } from "#ui/shared/DetailsButton.tsx";
import { countText } from "#ui/shared/format.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { Segmented } from "#ui/shared/Segmented.tsx";
import { ImageActions } from "../generate/ImageActions.tsx";
import styles from "./Gallery.module.css";
import { emptyText, galleryErrorText } from "./words.ts";

/** Pictures shown at first and added by each "Show more". */
const PAGE = 60;

type Filter = "all" | "favourites";

const FILTERS: readonly { readonly value: Filter; readonly label: string }[] = [
  { value: "all", label: "All" },
  { value: "favourites", label: "Favourites" },
];

export interface GalleryProps {
  onOpen(image: FinishedImage): void;
}

/** The pictures that this browser has kept, newest first. */
export function Gallery({ onOpen }: GalleryProps) {
  const { library, pictures } = useStudio();
  const gallery = useApp((app) => app.gallery);
  const [filter, setFilter] = useState<Filter>("all");
  const [shown, setShown] = useState(PAGE);
  const entries = gallery.entries.filter((entry) => filter === "all" || entry.favourite);
  return (
    <>
      <div className={styles.tools}>
        <Segmented
          legend="Show"
          legendHidden
          options={FILTERS}
          value={filter}
          onChange={(next) => setFilter(next)}
        />
        <div className={styles.right}>
          {entries.length > 0 && (
            <Button icon="package" onClick={() => pictures.downloadAll(entries.map((entry) => entry.image))}>
              Zip of {entries.length}
            </Button>
          )}
          {gallery.entries.length > 0 && (
            <ConfirmButton
              label="Clear"
              title="Clear the gallery?"
              confirm="Delete all but favourites"
              text={`${countText(gallery.entries.filter((entry) => !entry.favourite).length, "image")} will be deleted; favourites stay.`}
              onConfirm={() => library.clear(true)}
            />
          )}
        </div>
      </div>
      {gallery.status === "unavailable" && (
        <p className={styles.note} role="alert">
          {galleryErrorText(gallery.error)}
        </p>
      )}
      {gallery.status !== "opening" && entries.length === 0 && (
        <p className={styles.note}>{emptyText(gallery.status, filter)}</p>
      )}
      <ul className={styles.grid}>
        {entries.slice(0, shown).map(({ key, image }) => (
          <li key={key}>
            <div className={styles.picture} title={imageName(image.settings)}>
              <PixelCanvas
                pixels={image.pixels}
                name={imageName(image.settings)}
                className={styles.canvas}
                onClick={() => onOpen(image)}
              />
              <DetailsButton seed={image.settings.seed} onOpen={() => onOpen(image)} />
            </div>
            <div className={styles.caption}>
              <p>
                <span>{image.settings.seed}</span>
                <span className={styles.model}>{modelText(image.settings)}</span>
              </p>
              <ImageActions image={image} />
            </div>
          </li>
        ))}
      </ul>
      {entries.length > shown && (
        <Button onClick={() => setShown(shown + PAGE)}>
          Show {Math.min(PAGE, entries.length - shown)} more
        </Button>
      )}
    </>
  );
}
