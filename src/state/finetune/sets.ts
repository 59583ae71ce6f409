import { storeProblem } from "#datasets/storeError.ts";
import type { FinetuneContext } from "./context.ts";
import type { OpenSet, StoredSet } from "./finetune.ts";

/** What the reader can do about data sets. */
export interface Sets {
  /** Works on this set, or on none. */
  openSet(id: string | null): void;
  deleteSet(id: string): void;
}

/** opened: called when another set is worked on. */
export function createSets(
  { store, host, apply }: FinetuneContext,
  opened: () => void,
): Sets & { listSets(): void } {
  const { getState } = store;
  const failed = (cause: unknown) =>
    apply({ type: "problem", problem: { kind: "datasets", problem: storeProblem(cause) } });

  async function list(): Promise<void> {
    const records = await host.datasets.list();
    const sets = await Promise.all(
      records.map(
        async (record): Promise<StoredSet> => ({
          record,
          attachedBytes: await host.datasets.attachedBytes(record.id),
        }),
      ),
    );
    apply({ type: "sets-listed", sets });
    const { set } = getState();
    if (!set) return;
    const now = records.find(({ id }) => id === set.record.id);
    if (now && now.name !== set.record.name) apply({ type: "set-renamed", record: now });
    else if (!now) open(null); // deleted, here or in another tab
  }

  function open(id: string | null): void {
    if (id === (getState().set?.record.id ?? null)) return;
    if (id === null) {
      apply({ type: "set-opened", set: null });
      opened();
      return;
    }
    apply({ type: "set-opening", id });
    read(id).then(
      (set) => {
        if (getState().opening !== id) return;
        apply({ type: "set-opened", set });
        if (!set) apply({ type: "problem", problem: { kind: "set-missing", id } });
        opened();
      },
      (cause) => {
        apply({ type: "set-opening", id: null });
        failed(cause);
      },
    );
  }

  /** null for a set that is not there. */
  async function read(id: string): Promise<OpenSet | null> {
    const stored = await host.datasets.open(id);
    if (!stored) return null;
    const [labels, names, pixelHashes] = await Promise.all([
      stored.labels(),
      stored.names(),
      stored.pixelHashes(),
    ]);
    return { record: stored.record, labels, names, pixelHashes };
  }

  return {
    listSets: () => void list().catch(failed),
    openSet: open,
    deleteSet: (id) => void host.datasets.remove(id).then(list).catch(failed),
  };
}
