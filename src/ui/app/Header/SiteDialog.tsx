import { Dialog } from "radix-ui";
import { selectFamily } from "#state/app.ts";
import { IconButton } from "#ui/shared/Button.tsx";
import { ConfirmButton } from "#ui/shared/ConfirmButton.tsx";
import { useApp, useStudio } from "#ui/shared/context.ts";
import dialog from "#ui/shared/dialog.module.css";
import styles from "./SiteDialog.module.css";

/** What this site keeps in the browser and how to be rid of it; whose drawings the models learnt from. */
export function SiteDialog() {
  const studio = useStudio();
  const family = useApp(selectFamily);
  const kept = useApp((app) => app.gallery.entries.length);
  return (
    <Dialog.Root>
      <Dialog.Trigger asChild>
        <IconButton icon="info" label="About and data" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className={dialog.overlay} />
        <Dialog.Content className={dialog.narrow} aria-describedby={undefined}>
          <header className={dialog.head}>
            <Dialog.Title className={dialog.title}>About</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close" />
            </Dialog.Close>
          </header>
          <p>
            A light model draws the coarse part of a picture's way from noise; a heavy one finishes it.
            Everything is computed in this browser. Nothing is uploaded, and there is no account.
          </p>
          <h3 className={styles.sub}>Your data</h3>
          <p className={dialog.text}>
            This browser keeps the gallery ({kept}), your own pictures and models, the downloaded models and
            your choices, for this site alone.
          </p>
          <div className={styles.delete}>
            <ConfirmButton
              label="Delete all my data"
              title="Delete everything?"
              confirm="Delete everything"
              text="Gallery with favourites, saved comparisons, data sets, trainings, models of your own, downloaded models and choices will be gone. What comes with the page is downloaded again on the next visit; your own models are not, unless you exported them."
              onConfirm={() => void studio.deleteEverything()}
            />
          </div>
          {family && (
            <>
              <h3 className={styles.sub}>Drawings behind the models</h3>
              <p className={dialog.text}>{family.title}: styles by these artists, drawn by DiceBear.</p>
              <ul className={styles.credits}>
                {family.classes.map((one) => (
                  <li key={one.name}>
                    <a href={one.source}>{one.title}</a> by {one.artist},{" "}
                    <a href={one.licence_url}>{one.licence}</a>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
