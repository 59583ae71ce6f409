import { INITIAL_APP } from "./app.ts";
import type { GalleryDatabase } from "./gallery/database.ts";
import { createLibrary, type GalleryChannel, type Library } from "./gallery/library.ts";
import { createPictures, type PictureHost, type Pictures } from "./pictures.ts";
import { PREFERENCES_KEY, type Preferences, parsePreferences, printPreferences } from "./preferences.ts";
import { createSession, type Session, type SessionHost } from "./session.ts";
import { createAppStore, type Store } from "./store.ts";

/** What the page needs of the browser. */
export interface StudioHost extends SessionHost, PictureHost {
  readonly storage: Pick<Storage, "getItem" | "setItem" | "clear"> | null;
  readonly database: GalleryDatabase;
  readonly channel: GalleryChannel;
  /** Save-Data is on, or the connection says that it is paid by volume. */
  readonly metered: boolean;
  readonly now: () => number;
  /** Deletes the downloaded weights. */
  readonly deleteCaches: () => Promise<void>;
}

/** The page without its looks: the store and everything that can be done. */
export interface Studio {
  readonly store: Store;
  readonly session: Session;
  readonly library: Library;
  readonly pictures: Pictures;
  setPreferences(change: Partial<Preferences>): void;
  /** Deletes gallery, weights and choices of this site in this browser, or says that it refused. Never rejects. */
  deleteEverything(): Promise<void>;
}

export function createStudio(host: StudioHost): Studio {
  const preferences = parsePreferences(host.storage?.getItem(PREFERENCES_KEY) ?? null);
  const store = createAppStore({ ...INITIAL_APP, preferences, metered: host.metered });
  const session: Session = createSession(store, host, (images) => library.add(images));
  const library = createLibrary(store, host.database, host.channel, session.notify, host.now);

  let kept = preferences;
  store.subscribe(({ preferences: current }) => {
    if (current === kept) return;
    kept = current;
    try {
      host.storage?.setItem(PREFERENCES_KEY, printPreferences(current));
    } catch {
      // Full or forbidden: the choice holds for this visit.
    }
  });

  return {
    store,
    session,
    library,
    pictures: createPictures(store, session, host),
    setPreferences: (change) => store.dispatch({ type: "preferences-changed", change }),
    async deleteEverything() {
      session.cancel();
      const deleted = await Promise.allSettled([library.destroy(), host.deleteCaches()]);
      host.storage?.clear();
      const refused = deleted.some(({ status }) => status === "rejected");
      session.notify({ kind: refused ? "deletion-refused" : "everything-deleted" });
    },
  };
}
