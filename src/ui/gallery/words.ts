import type { GalleryError } from "#state/gallery/database.ts";

/** Why the gallery could not do what was asked, in words. */
export function galleryErrorText(error: GalleryError): string {
  switch (error.kind) {
    case "Full":
      return "This browser's storage is full, so new pictures are not kept. Deleting some from the gallery makes room; what is on the page can still be downloaded.";
    case "Unavailable":
      return `This browser does not let the page keep pictures (${error.detail}). Those of this visit are shown all the same.`;
    case "Blocked":
      return "Another tab holds an older gallery open. Closing it lets this one go on.";
    default:
      return error satisfies never;
  }
}
