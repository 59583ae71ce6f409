import type { DatasetRecord } from "./dataset.ts";
import { NINTH_STYLES } from "./drawn/ninthStyles.ts";

/** Whom the pictures of a drawn set are owed to, in words that go into a model card; null for the reader's own pictures, whose
 *  makers nobody was told. */
export function creditOf({ source, classes }: Pick<DatasetRecord, "source" | "classes">): string | null {
  if (source !== "drawn") return null;
  const style = NINTH_STYLES.find(({ name }) => classes.some((one) => one.name === name));
  return style ? `${style.title} by ${style.artist}, ${style.licence}, ${style.homepage}` : null;
}
