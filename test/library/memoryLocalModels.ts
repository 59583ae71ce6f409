import type { LocalFiles, LocalModel } from "#library/localModel.ts";
import type { LocalModels } from "#library/localModels.ts";

/** The store without a browser, for tests in Node; test/browser/localModels.test.ts holds the real one to the same. */
export function memoryLocalModels(): LocalModels {
  const kept = new Map<string, { model: LocalModel; files: LocalFiles }>();
  const listeners = new Set<() => void>();
  const change = (how: () => void) => {
    how();
    for (const listen of listeners) listen();
  };
  return {
    list: async () => [...kept.values()].map(({ model }) => model).sort((a, b) => b.createdAt - a.createdAt),
    get: async (id) => kept.get(id)?.model ?? null,
    files: async (id) => kept.get(id)?.files ?? null,
    put: async (model, files) => change(() => kept.set(model.id, structuredClone({ model, files }))),
    rename: async (id, name) =>
      change(() => {
        const one = kept.get(id);
        if (one) kept.set(id, { ...one, model: { ...one.model, name } });
      }),
    remove: async (id) => change(() => kept.delete(id)),
    destroy: async () => change(() => kept.clear()),
    onChange(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
  };
}
