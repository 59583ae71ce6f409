import { sha256Hex } from "#bytes/sha256.ts";
import { localModelOf } from "#library/localModel.ts";
import type { LocalModels } from "#library/localModels.ts";
import { EngineFailure } from "./errors.ts";
import type { FetchFiles } from "./weightFiles.ts";

/** The store of the reader's own models as far as drawing with them needs it. */
export type LocalModelSource = Pick<LocalModels, "list" | "files">;

/** Files of own models from their store, every other file from `network`. What the store gives is hashed, as downloads are.
 *  Throws EngineFailure OwnModelMissing | HashMismatch, and what `network` throws. */
export const localFiles =
  (own: LocalModelSource, network: FetchFiles): FetchFiles =>
  async (files, onProgress, signal, onFile) => {
    const ids = files.map(({ file }) => localModelOf(file));
    if (ids.every((id) => id === null)) return network(files, onProgress, signal, onFile);
    const contents: Uint8Array[] = [];
    for (const [i, { file, bytes, sha256 }] of files.entries()) {
      const id = ids[i];
      const kept = id && (await own.files(id));
      signal.throwIfAborted();
      if (!kept) throw new EngineFailure({ kind: "OwnModelMissing", model: id ?? file });
      const actual = await sha256Hex(kept.weights);
      if (actual !== sha256)
        throw new EngineFailure({ kind: "HashMismatch", file, expected: sha256, actual });
      onProgress(bytes, bytes, true);
      onFile?.(kept.weights);
      contents.push(kept.weights);
    }
    return contents;
  };
