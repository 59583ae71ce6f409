import { ConfirmButton } from "#ui/shared/ConfirmButton.tsx";
import { bytesText, countText } from "#ui/shared/format.ts";
import { useModels, useShelf } from "../context.ts";
import page from "../ModelsPage.module.css";

/** Downloads that no model here asks for any more; nothing when there are none. */
export function Strangers() {
  const models = useModels();
  const strangers = useShelf((shelf) => shelf.kept?.strangers);
  if (!strangers || strangers.files.length === 0) return null;
  const { files, bytes } = strangers;
  return (
    <section aria-labelledby="strangers" className={page.head}>
      <div>
        <h2 id="strangers" className={page.title}>
          Left from earlier releases
        </h2>
        <p className={page.about}>
          {countText(files.length, "file")}, {bytesText(bytes)}, that no model here asks for.
        </p>
      </div>
      <ConfirmButton
        label="Delete them"
        title="Delete what earlier releases left?"
        text={`${bytesText(bytes)} are freed. An older version of this page in another tab would download them again.`}
        confirm="Delete them"
        onConfirm={() => models.deleteDownloads(files)}
      />
    </section>
  );
}
