/** Locks among the tabs and workers of this site in this browser. */
export interface Locks {
  /** Holds the lock until what it gives is called or this worker ends; null when somebody else holds it. */
  hold(name: string): Promise<(() => void) | null>;
}

/** A tab that has just been closed or reloaded may hold its locks for a moment longer. */
const PATIENCE_MS = 1500;

/** Web Locks. A browser without them (a page over plain http) gives every lock: there a second tab is not seen. */
export const webLocks = (manager: LockManager | undefined): Locks => ({
  async hold(name) {
    if (!manager) return () => {};
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      manager
        .request(name, { signal }, () => new Promise<void>((release) => resolve(release)))
        .catch((cause: unknown) => (signal.aborted ? resolve(null) : reject(cause)));
    });
  },
});
