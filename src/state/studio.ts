import type { LocalModels } from "#library/localModels.ts";
import { INITIAL_APP } from "./app.ts";
import type { Comparisons } from "./compare/comparisons.ts";
import type { CompareHost } from "./compare/host.ts";
import { type TimedPasses, timedPasses } from "./compare/timedPasses.ts";
import type { Finetuning } from "./finetune/finetuning.ts";
import type { FinetuneHost } from "./finetune/host.ts";
import type { GalleryDatabase } from "./gallery/database.ts";
import { createLibrary, type GalleryChannel, type Library } from "./gallery/library.ts";
import { printHash } from "./hash.ts";
import type { ShelfHost } from "./library/host.ts";
import type { Models } from "./library/models.ts";
import { pageOf } from "./page.ts";
import { createPictures, type PictureHost, type Pictures } from "./pictures.ts";
import { PREFERENCES_KEY, type Preferences, parsePreferences, printPreferences } from "./preferences.ts";
import { createSession, type Session, type SessionHost } from "./session.ts";
import { createAppStore, type Store } from "./store.ts";

/** What the page needs of the browser. */
export interface StudioHost extends SessionHost, PictureHost {
  /** What comparing needs; fetched when it is first wanted. */
  readonly compareHost: () => Promise<CompareHost>;
  /** What fine-tuning needs; fetched when it is first wanted. */
  readonly finetuneHost: () => Promise<FinetuneHost>;
  /** What the Models page needs; fetched when it is first wanted. */
  readonly shelfHost: () => Promise<ShelfHost>;
  /** The reader's own models. */
  readonly localModels: LocalModels;
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
  /** The Compare page without its looks. Its code is fetched when it is first wanted; rejects when it cannot be, and may
   *  then be asked again. */
  comparisons(): Promise<Comparisons>;
  /** The Fine-tune page without its looks; as `comparisons`. */
  finetuning(): Promise<Finetuning>;
  /** The Models page without its looks; as `comparisons`. */
  models(): Promise<Models>;
  /** Connects the engine, and shows the page that the address names with what it says. */
  begin(): void;
  /** The address has changed: by hand, or by a link of the page. */
  followHash(): void;
  setPreferences(change: Partial<Preferences>): void;
  /** Deletes gallery, weights and choices of this site in this browser, or says that it refused. Never rejects. */
  deleteEverything(): Promise<void>;
}

/** Timings of the Generate page that are kept for a comparison to come: a hundred steps tell as much as a thousand. */
const TIMED_KEPT = 100;

export function createStudio(host: StudioHost): Studio {
  const preferences = parsePreferences(host.storage?.getItem(PREFERENCES_KEY) ?? null);
  const page = pageOf(host.readHash());
  const store = createAppStore({ ...INITIAL_APP, page, preferences, metered: host.metered });
  const session: Session = createSession(store, host, (images) => library.add(images));
  const library = createLibrary(store, host.database, host.channel, session.notify, host.now);
  let timed: readonly TimedPasses[] = [];
  let compareHost: Promise<CompareHost> | null = null;
  let compared: Comparisons | null = null;
  let comparing: Promise<Comparisons> | null = null;
  let finetuneHost: Promise<FinetuneHost> | null = null;
  let finetuned: Finetuning | null = null;
  let finetunes: Promise<Finetuning> | null = null;
  let shelf: Models | null = null;
  let shelving: Promise<Models> | null = null;
  session.onEvents((events) => {
    if (!compared) timed = [...timed, ...timedPasses(events, store.getState())].slice(-TIMED_KEPT);
  });

  async function openComparisons(): Promise<Comparisons> {
    compareHost ??= host.compareHost();
    const [{ createComparisons }, needed] = await Promise.all([
      import("./compare/comparisons.ts"),
      compareHost,
    ]);
    compared = createComparisons(store, session, { ...host, ...needed }, timed);
    return compared;
  }

  /** Whoever needs it asks again and is told when it cannot be had. */
  const fetchAhead = () => void comparisons().catch(() => {});

  function comparisons(): Promise<Comparisons> {
    comparing ??= openComparisons().catch((cause: unknown) => {
      comparing = null;
      compareHost = null;
      throw cause;
    });
    return comparing;
  }

  async function openFinetuning(): Promise<Finetuning> {
    finetuneHost ??= host.finetuneHost();
    const [{ createFinetuning }, needed] = await Promise.all([
      import("./finetune/finetuning.ts"),
      finetuneHost,
    ]);
    finetuned = createFinetuning(store, session, { ...host, ...needed });
    return finetuned;
  }

  function finetuning(): Promise<Finetuning> {
    finetunes ??= openFinetuning().catch((cause: unknown) => {
      finetunes = null;
      finetuneHost = null;
      throw cause;
    });
    return finetunes;
  }

  async function openModels(): Promise<Models> {
    const [{ createModels }, needed] = await Promise.all([import("./library/models.ts"), host.shelfHost()]);
    shelf = createModels(store, { ...host, ...needed });
    return shelf;
  }

  function models(): Promise<Models> {
    shelving ??= openModels().catch((cause: unknown) => {
      shelving = null;
      throw cause;
    });
    return shelving;
  }

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
    finetuning,
    models,
    begin() {
      library.begin();
      host.localModels.onChange(() => session.send({ type: "own-models-changed" }));
      session.begin();
      if (page === "compare") fetchAhead();
    },
    followHash() {
      const hash = host.readHash();
      const to = pageOf(hash);
      const { page: from, settings, batch } = store.getState();
      if (to !== from) store.dispatch({ type: "page-opened", page: to });
      // The Compare page reads the address itself when it is made.
      if (to === "models") shelf?.look();
      else if (to === "finetune") finetuned?.followHash();
      else if (to === "compare") compared ? compared.followHash() : fetchAhead();
      // Back to pictures that are still there: they need not be drawn again.
      else if (from === to || !batch || hash !== printHash(settings)) session.followHash();
    },
    setPreferences: (change) => store.dispatch({ type: "preferences-changed", change }),
    async deleteEverything() {
      session.cancel();
      compared?.clear();
      finetuned?.forget();
      const deleted = await Promise.allSettled([
        library.destroy(),
        (compareHost ?? host.compareHost()).then(({ comparisons: kept }) => kept.destroy()),
        (finetuneHost ?? host.finetuneHost()).then(({ datasets, runs }) =>
          Promise.all([datasets.destroy(), runs.destroy()]),
        ),
        host.localModels.destroy(),
        host.deleteCaches(),
      ]);
      host.storage?.clear();
      const refused = deleted.some(({ status }) => status === "rejected");
      session.notify({ kind: refused ? "deletion-refused" : "everything-deleted" });
    },
  };
}
