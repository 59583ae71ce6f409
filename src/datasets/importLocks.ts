import type { DatasetId } from "./dataset.ts";
import { idTime } from "./datasetId.ts";

/** Tells an import that runs, in whichever tab, from one that was cut off. */
export interface ImportLocks {
  /** Holds the lock of an import until the answer is called, or the tab or worker ends. */
  hold(id: DatasetId): Promise<() => void>;
  isHeld(id: DatasetId): Promise<boolean>;
}

const nameOf = (id: DatasetId): string => `steadyflow-import ${id}`;
/** No import takes a day: an older one is dead even where the browser has no locks (pages over plain http). */
const LONGEST_IMPORT_MS = 24 * 3600 * 1000;

/** Locks of this browser: Web Locks, which end with their holder. */
export function browserLocks(
  locks: LockManager | null = globalThis.navigator?.locks ?? null,
  now: () => number = Date.now,
): ImportLocks {
  if (!locks)
    return {
      hold: async () => () => {},
      isHeld: async (id) => now() - idTime(id) < LONGEST_IMPORT_MS,
    };
  return {
    hold: (id) =>
      new Promise((resolve, reject) => {
        locks
          .request(nameOf(id), () => new Promise<void>((release) => resolve(() => release())))
          .catch(reject);
      }),
    async isHeld(id) {
      const { held = [], pending = [] } = await locks.query();
      return [...held, ...pending].some(({ name }) => name === nameOf(id));
    },
  };
}
