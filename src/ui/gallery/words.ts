import type { GalleryError } from "#state/gallery/database.ts";
import type { Gallery } from "#state/gallery/reducer.ts";

/** Why the gallery could not do what was asked, in words. */
export function galleryErrorText(error: GalleryError): string {
  switch (error.kind) {
    case "Full":
      return "This browser's storage is full, so new pictures are not kept. Deleting some from the gallery makes room; what is on the page can still be downloaded.";
    case "Unavailable":
      return "This browser does not let the page keep pictures; a private window or blocked site data is the usual reason. Those of this visit are in the gallery until the page is closed: download what should stay.";
    case "Blocked":
      return "Another tab holds an older gallery open. Closing it lets this one go on.";
    default:
      return error satisfies never;
  }
}

/** What stands in a gallery without pictures; it promises only what this browser lets the page do. */
export function emptyText(status: Gallery["status"], filter: "all" | "favourites"): string {
  if (filter === "favourites") return "No favourites yet. The heart under a picture makes it one.";
  return status === "unavailable"
    ? "Nothing here yet. The pictures of this visit appear here."
    : "Nothing here yet. Every picture that is drawn is kept here, the newest 500 and all favourites.";
}
