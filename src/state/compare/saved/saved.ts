import { findFamily, type Manifest } from "#checkpoints/manifest.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { galleryError } from "../../gallery/database.ts";
import type { Pixels } from "../../pixels.ts";
import type { Session } from "../../session.ts";
import type { Comparison } from "../comparison.ts";
import { parseCompareHash, printCompareHash } from "../hash.ts";
import type { ComparisonDatabase } from "./database.ts";
import { thumbnailOf } from "./thumbnail.ts";

/** A comparison that was kept. */
export interface SavedComparison {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
  readonly settings: ComparisonSettings;
  readonly thumbnail: Pixels | null;
}

/** Comparisons that outlast a visit. When the browser refuses, the page says so; nothing rejects. */
export interface Saved {
  save(name: string): Promise<void>;
  /** Newest first; none where the browser keeps nothing. */
  listSaved(): Promise<readonly SavedComparison[]>;
  /** Shows a kept comparison and draws it. */
  openSaved(id: string): Promise<void>;
  removeSaved(id: string): Promise<void>;
  /** Gives a kept comparison another name; one of spaces alone changes nothing. */
  renameSaved(id: string, name: string): Promise<void>;
}

export interface SavedHost {
  readonly database: ComparisonDatabase;
  readonly comparison: () => Comparison;
  readonly open: (settings: ComparisonSettings) => void;
  readonly manifest: () => Manifest | null;
  readonly newId: () => string;
  readonly now: () => number;
  readonly notify: Session["notify"];
}

/** Longest name of a kept comparison. */
const LONGEST_NAME = 100;
const nameFrom = (typed: string): string => typed.trim().slice(0, LONGEST_NAME);

export function createSaved(host: SavedHost): Saved {
  const { database, comparison } = host;
  const orTell = <T>(asked: Promise<T>, otherwise: T): Promise<T> =>
    asked.catch((cause: unknown) => {
      host.notify({ kind: "comparisons-failed", error: galleryError(cause) });
      return otherwise;
    });

  async function list(): Promise<readonly SavedComparison[]> {
    const manifest = host.manifest();
    const [first] = manifest?.families ?? [];
    if (!manifest || !first) return [];
    const familyOf = (name: string | null) => findFamily(manifest, name ?? first.name) ?? first;
    return (await database.list()).map(({ hash, ...kept }) => ({
      ...kept,
      settings: parseCompareHash(hash, familyOf).settings,
    }));
  }

  return {
    save(name) {
      const now = comparison();
      return orTell(
        database.put({
          id: host.newId(),
          name: nameFrom(name),
          savedAt: host.now(),
          hash: printCompareHash(now.settings),
          thumbnail: thumbnailOf(now),
        }),
        undefined,
      );
    },
    listSaved: () => orTell(list(), []),
    async openSaved(id) {
      const kept = (await orTell(list(), [])).find((one) => one.id === id);
      if (kept) host.open(kept.settings);
    },
    removeSaved: (id) => orTell(database.remove(id), undefined),
    async renameSaved(id, wanted) {
      const name = nameFrom(wanted);
      const kept = (await orTell(database.list(), [])).find((one) => one.id === id);
      if (kept && name !== "") await orTell(database.put({ ...kept, name }), undefined);
    },
  };
}
