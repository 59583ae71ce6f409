import type { Manifest } from "#checkpoints/manifest.ts";
import { INITIAL_APP } from "#state/app.ts";
import { INITIAL_ENGINE } from "#state/engine.ts";
import { createModels } from "#state/library/models.ts";
import type { Room } from "#state/library/shelf.ts";
import { createAppStore } from "#state/store.ts";
import { createLibraryServer } from "#workers/library.ts";
import { createLibraryClient } from "#workers/libraryClient.ts";
import { tinyFamily } from "../../fixtures/tinyFamily.ts";
import { memoryLocalModels } from "../../library/memoryLocalModels.ts";

export const NOW = 1_800_000_000_000;

/** The Models page without its looks, on the real library server and the tiny family. kept: sha256 with size of what lies in
 *  the cache of downloads; null for a browser that has none. */
export async function openModels({
  localModels = memoryLocalModels(),
  kept = new Map<string, number>() as Map<string, number> | null,
  room = null as Room | null,
  /** Whether the list of models is there when the page is. */
  listed = true,
} = {}) {
  const { manifest, files: shipped } = await tinyFamily();
  const app = createAppStore({
    ...INITIAL_APP,
    page: "models",
    engine: { ...INITIAL_ENGINE, manifest: listed ? manifest : null },
  });
  const saved: { readonly name: string; readonly contents: Blob }[] = [];
  let open = 0;
  let now = room;
  const models = createModels(app, {
    localModels,
    library: createLibraryClient((onReply) => {
      const server = createLibraryServer({
        models: localModels,
        fetchFiles: () => async (entries) => entries.map(({ file }) => shipped.get(file) ?? new Uint8Array()),
        post: (reply) => mine === open && onReply(structuredClone(reply)),
      });
      const mine = ++open;
      return {
        send: (request) => server.handle(request),
        close: () => {
          open++;
        },
      };
    }),
    weights: {
      list: async () => kept && [...kept.keys()],
      bytes: async (files) => files.reduce((sum, sha256) => sum + (kept?.get(sha256) ?? 0), 0),
      remove: async (files) => {
        for (const sha256 of files) kept?.delete(sha256);
      },
    },
    room: async () => now,
    makeLasting: async () => {
      now = now && { ...now, lasting: true };
    },
    saveFile: (name, contents) => saved.push({ name, contents }),
    manifestUrl: "https://example.org/models/manifest.json",
    now: () => NOW,
  });
  const shelf = () => models.store.getState();
  /** Resolves when `is` holds. */
  const until = async (is: () => boolean) => {
    for (let i = 0; i < 400 && !is(); i++) await new Promise((go) => setTimeout(go, 5));
    if (!is()) throw new Error(`never came about: ${is}; ${JSON.stringify(shelf().bringing)}`);
  };
  const fileOf = (name: string) =>
    new File([Uint8Array.from(shipped.get(`tiny/${name}.safetensors`) ?? [])], `${name}.safetensors`);
  const showManifest = (next: Manifest) => app.dispatch({ type: "manifest", manifest: next });
  return { models, app, manifest, shelf, until, fileOf, saved, localModels, showManifest };
}
