import type { FinishedImage } from "../batch.ts";
import type { Session } from "../session.ts";
import type { Store } from "../store.ts";
import { type GalleryDatabase, type GalleryError, galleryError } from "./database.ts";
import type { GalleryEntry } from "./entry.ts";

/** Tells the other tabs that the gallery has changed. */
export interface GalleryChannel {
  announce(): void;
  onAnnounced(listen: () => void): void;
}

/** What the reader can do with kept pictures. The page changes at once; when the database refuses, it says so. */
export interface Library {
  /** Reads what earlier visits have kept, and follows the other tabs. */
  begin(): void;
  add(images: readonly FinishedImage[]): void;
  setFavourite(image: FinishedImage, favourite: boolean): void;
  /** Takes the pictures out of the gallery and of the grid; a notice offers them back. */
  remove(keys: readonly string[]): void;
  putBack(
    entries: readonly GalleryEntry[],
    cell: { readonly index: number; readonly image: FinishedImage } | null,
  ): void;
  clear(keepFavourites: boolean): void;
  /** Resolves when the database is gone. */
  destroy(): Promise<void>;
}

export function createLibrary(
  { getState: app, dispatch }: Store,
  database: GalleryDatabase,
  channel: GalleryChannel,
  notify: Session["notify"],
  now: () => number,
): Library {
  let writes = 0;
  const refresh = async (): Promise<void> => {
    const before = writes;
    try {
      const entries = await database.list();
      // A list that was read before this tab's last change would undo it on the screen.
      if (writes === before) dispatch({ type: "gallery-listed", entries });
      else await refresh();
    } catch (cause) {
      dispatch({ type: "gallery-failed", error: galleryError(cause) });
    }
  };

  /** The same refusal comes with every picture of a batch; it is said once. */
  let said: GalleryError["kind"] | null = null;
  const write = (change: Promise<void>) => {
    writes += 1;
    change.then(
      () => {
        said = null;
        channel.announce();
      },
      (cause: unknown) => {
        const error = galleryError(cause);
        if (error.kind !== said) notify({ kind: "gallery-failed", error });
        said = error.kind;
      },
    );
  };

  const add = (images: readonly FinishedImage[]) => {
    const at = now();
    const entries = images.map(
      (image, i): GalleryEntry => ({ key: image.key, at: at + i / 1000, favourite: false, image }),
    );
    dispatch({ type: "gallery-added", entries });
    write(database.put(entries));
  };

  const forget = (keys: readonly string[]) => {
    dispatch({ type: "gallery-removed", keys });
    write(database.remove(keys));
  };

  return {
    begin() {
      channel.onAnnounced(() => void refresh());
      void refresh();
    },
    add,
    setFavourite(image, favourite) {
      const kept = app().gallery.entries.find((entry) => entry.key === image.key);
      const entry: GalleryEntry = { key: image.key, at: kept?.at ?? now(), favourite, image };
      dispatch({ type: "gallery-added", entries: [entry] });
      write(database.put([entry]));
    },
    remove(keys) {
      const entries = app().gallery.entries.filter((entry) => keys.includes(entry.key));
      const cells = app().batch?.cells ?? [];
      const index = cells.findIndex((cell) => cell.status === "finished" && keys.includes(cell.image.key));
      const at = cells[index];
      for (const key of keys) dispatch({ type: "image-removed", key });
      forget(keys);
      notify({
        kind: "removed",
        entries,
        cell: at?.status === "finished" ? { index, image: at.image } : null,
      });
    },
    putBack(entries, cell) {
      if (cell) dispatch({ type: "image-restored", image: cell.image, cell: cell.index });
      dispatch({ type: "gallery-added", entries });
      write(database.put(entries));
    },
    clear(keepFavourites) {
      forget(
        app()
          .gallery.entries.filter((entry) => !(keepFavourites && entry.favourite))
          .map((entry) => entry.key),
      );
    },
    async destroy() {
      await database.destroy();
      // Not "listed": a gallery that cannot keep pictures still cannot.
      dispatch({ type: "gallery-removed", keys: app().gallery.entries.map((entry) => entry.key) });
      channel.announce();
    },
  };
}
