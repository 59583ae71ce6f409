import { INITIAL_APP } from "./app.ts";
import { type ComparisonHost, type Comparisons, createComparisons } from "./compare/comparisons.ts";
import type { GalleryDatabase } from "./gallery/database.ts";
import { createLibrary, type GalleryChannel, type Library } from "./gallery/library.ts";
import { printHash } from "./hash.ts";
import { pageOf } from "./page.ts";
import { createPictures, type PictureHost, type Pictures } from "./pictures.ts";
import { PREFERENCES_KEY, type Preferences, parsePreferences, printPreferences } from "./preferences.ts";
import { createSession, type Session, type SessionHost } from "./session.ts";
import { createAppStore, type Store } from "./store.ts";

/** What the page needs of the browser. */
export interface StudioHost extends SessionHost, PictureHost, ComparisonHost {
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
  readonly comparisons: Comparisons;
  /** Connects the engine, and shows the page that the address names with what it says. */
  begin(): void;
  /** The address has changed: by hand, or by a link of the page. */
  followHash(): void;
  setPreferences(change: Partial<Preferences>): void;
  /** Deletes gallery, weights and choices of this site in this browser, or says that it refused. Never rejects. */
  deleteEverything(): Promise<void>;
}

export function createStudio(host: StudioHost): Studio {
  const preferences = parsePreferences(host.storage?.getItem(PREFERENCES_KEY) ?? null);
  const page = pageOf(host.readHash());
  const store = createAppStore({ ...INITIAL_APP, page, preferences, metered: host.metered });
  const session: Session = createSession(store, host, (images) => library.add(images));
  const library = createLibrary(store, host.database, host.channel, session.notify, host.now);
  const comparisons = createComparisons(store, session, host);

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
    comparisons,
    begin() {
      library.begin();
      session.begin();
    },
    followHash() {
      const hash = host.readHash();
      const to = pageOf(hash);
      const { page: from, settings, batch } = store.getState();
      if (to !== from) store.dispatch({ type: "page-opened", page: to });
      if (to === "compare") comparisons.followHash();
      // Back to pictures that are still there: they need not be drawn again.
      else if (from === to || !batch || hash !== printHash(settings)) session.followHash();
    },
    setPreferences: (change) => store.dispatch({ type: "preferences-changed", change }),
    async deleteEverything() {
      session.cancel();
      comparisons.clear();
      const deleted = await Promise.allSettled([
        library.destroy(),
        host.comparisons.destroy(),
        host.deleteCaches(),
      ]);
      host.storage?.clear();
      const refused = deleted.some(({ status }) => status === "rejected");
      session.notify({ kind: refused ? "deletion-refused" : "everything-deleted" });
    },
  };
}
