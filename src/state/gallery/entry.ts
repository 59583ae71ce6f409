import type { FinishedImage } from "../batch.ts";

/** A picture as the gallery keeps it. */
export interface GalleryEntry {
  /** The key of the picture. */
  readonly key: string;
  /** When it was made, milliseconds since 1970. */
  readonly at: number;
  readonly favourite: boolean;
  readonly image: FinishedImage;
}
