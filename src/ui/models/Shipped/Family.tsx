import type { Family as FamilyEntry } from "#checkpoints/manifest.ts";
import { ConfirmButton } from "#ui/shared/ConfirmButton.tsx";
import { bytesText } from "#ui/shared/format.ts";
import { Columns } from "../Columns.tsx";
import { useModels, useShelf } from "../context.ts";
import page from "../ModelsPage.module.css";
import styles from "./Family.module.css";
import { Part } from "./Part.tsx";
import { bytesOf, partsOf } from "./parts.ts";

export interface FamilyProps {
  readonly family: FamilyEntry;
}

/** What comes with the page for one kind of pictures, and how much of it this browser holds. */
export function Family({ family }: FamilyProps) {
  const models = useModels();
  const kept = useShelf((shelf) => shelf.kept);
  const { main, variants } = partsOf(family);
  const files = [...main, ...variants].flatMap((part) => part.files);
  const here = files.filter(({ sha256 }) => kept?.files.has(sha256));
  const { channels, height, width } = family.latent;
  const id = `family-${family.name}`;
  return (
    <section aria-labelledby={id}>
      <div className={page.head}>
        <div>
          <h2 id={id} className={page.title}>
            {family.title}
          </h2>
          <p className={page.about}>
            {family.classes.length} {family.classes.length === 1 ? "class" : "classes"}, pictures of{" "}
            {family.image_size} px, latents {channels} × {height} × {width}.{" "}
            {kept &&
              (here.length === 0
                ? "Nothing of it is in this browser yet; what a picture needs is downloaded when it is drawn."
                : `${bytesText(bytesOf(here))} of ${bytesText(bytesOf(files))} are in this browser.`)}
          </p>
        </div>
        {here.length > 0 && (
          <ConfirmButton
            label="Delete downloads"
            title={`Delete the downloads of ${family.title}?`}
            text={`${bytesText(bytesOf(here))} are freed. What a picture needs is downloaded again when it is next drawn.`}
            confirm="Delete downloads"
            onConfirm={() => models.deleteDownloads(here.map(({ sha256 }) => sha256))}
          />
        )}
      </div>
      <Columns last="State" />
      <ul className={styles.list}>
        {main.map((part) => (
          <Part key={part.name} part={part} kept={kept} />
        ))}
      </ul>
      {variants.length > 0 && (
        <>
          <h3 className={styles.sub}>To compare with</h3>
          <ul className={styles.list}>
            {variants.map((part) => (
              <Part key={part.name} part={part} kept={kept} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
