import { Dialog } from "radix-ui";
import { SOLVERS } from "#flow/solvers/names.ts";
import type { FinishedImage } from "#state/batch.ts";
import { isFavourite } from "#state/gallery/reducer.ts";
import { imageName, modelText } from "#state/names.ts";
import { Button, IconButton } from "#ui/shared/Button.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import dialog from "#ui/shared/dialog.module.css";
import { durationText } from "#ui/shared/format.ts";
import { PixelCanvas } from "#ui/shared/PixelCanvas.tsx";
import { BACKEND_NAMES } from "#ui/shared/stateWords.ts";
import styles from "./ImageDetails.module.css";

export interface ImageDetailsProps {
  /** Nothing is shown for null. */
  readonly image: FinishedImage | null;
  onClose(): void;
}

const factsOf = ({ settings, ms, passes }: FinishedImage): readonly (readonly [string, string])[] => [
  ["Seed", String(settings.seed)],
  ["Class", settings.class],
  ["Model", modelText(settings)],
  ["Steps", `${settings.steps} points, ${settings.steps - 1} solver steps`],
  ["Solver", SOLVERS[settings.solver].label],
  ["Guidance", settings.guidance === 1 ? "off (1)" : String(settings.guidance)],
  ["Evaluations", `${settings.nfe.light} light + ${settings.nfe.heavy} heavy NFE`],
  ["Network passes", String(passes)],
  ["Sampling", `${durationText(ms.sample)}, its share of those drawn with it`],
  ["Decoding", durationText(ms.decode)],
  ["Computed with", BACKEND_NAMES[settings.backend]],
  ["Family", settings.family],
  ["SHA-256 of RGB", settings.sha256],
];

/** One picture, large, with everything that made it and everything that can be done with it. */
export function ImageDetails({ image, onClose }: ImageDetailsProps) {
  const { pictures, library, session } = useStudio();
  const favourite = useApp((app) => image !== null && isFavourite(app.gallery, image.key));
  const enlarge = useApp((app) => app.preferences.enlarge);
  return (
    <Dialog.Root open={image !== null} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        {image && (
          <Dialog.Content className={dialog.wide} aria-describedby={undefined}>
            <header className={dialog.head}>
              <Dialog.Title className={dialog.title}>Seed {image.settings.seed}</Dialog.Title>
              <Dialog.Close asChild>
                <IconButton icon="close" label="Close" />
              </Dialog.Close>
            </header>
            <div className={styles.body}>
              <PixelCanvas
                pixels={image.pixels}
                name={imageName(image.settings)}
                className={enlarge === "crisp" ? styles.crisp : styles.smooth}
              />
              <div className={styles.side}>
                <dl className={styles.facts}>
                  {factsOf(image).map(([name, value]) => (
                    <div key={name}>
                      <dt>{name}</dt>
                      <dd>{value}</dd>
                    </div>
                  ))}
                </dl>
              </div>
            </div>
            <div className={styles.actions}>
              <Button
                icon="heart"
                iconFilled={favourite}
                aria-pressed={favourite}
                onClick={() => library.setFavourite(image, !favourite)}
              >
                Favourite
              </Button>
              <Button icon="download" onClick={() => pictures.download(image)}>
                Download PNG
              </Button>
              <Button icon="copy" onClick={() => pictures.copyImage(image)}>
                Copy image
              </Button>
              <Button icon="link" onClick={() => pictures.copyLink(image)}>
                Copy link
              </Button>
              <Button
                icon="lock"
                onClick={() => {
                  session.changeSettings({ seed: image.settings.seed });
                  onClose();
                }}
              >
                Use this seed
              </Button>
              <Button
                icon="reuse"
                onClick={() => {
                  pictures.reuse(image);
                  onClose();
                }}
              >
                Use all settings
              </Button>
              <Button
                icon="trash"
                look="danger"
                onClick={() => {
                  library.remove([image.key]);
                  onClose();
                }}
              >
                Delete
              </Button>
            </div>
          </Dialog.Content>
        )}
      </Dialog.Portal>
    </Dialog.Root>
  );
}
