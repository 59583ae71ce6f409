import { Columns } from "../Columns.tsx";
import { useShelf } from "../context.ts";
import { libraryErrorText } from "../words.ts";
import { OwnModel } from "./OwnModel.tsx";
import styles from "./OwnModels.module.css";

/** The reader's own models, newest first. */
export function OwnModels() {
  const own = useShelf((shelf) => shelf.own);
  const added = useShelf((shelf) => shelf.added);
  switch (own.status) {
    case "opening":
      return <p className={styles.empty}>Looking for your models.</p>;
    case "unavailable":
      return <p className={styles.empty}>{libraryErrorText(own.error)}</p>;
    case "open":
      return own.models.length === 0 ? (
        <p className={styles.empty}>
          None yet. Import a .safetensors file or a PyTorch checkpoint: choose it, or drop it anywhere on this
          page.
        </p>
      ) : (
        <>
          <Columns last="Added" />
          <ul className={styles.list}>
            {own.models.map((model) => (
              <OwnModel key={model.id} model={model} isNew={model.id === added} />
            ))}
          </ul>
        </>
      );
    default:
      return own satisfies never;
  }
}
