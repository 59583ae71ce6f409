import { type Manifest, parseManifest } from "#checkpoints/manifest.ts";
import { createWeightStore, type StoreParts, type WeightStore } from "#checkpoints/store.ts";
import { CancelledError } from "#flow/sampler.ts";
import { EngineFailure } from "./errors.ts";
import type { EngineWarning } from "./protocol.ts";
import type { FetchFiles } from "./weightFiles.ts";

type Network = Pick<StoreParts, "fetch" | "caches" | "retryMs">;

/** The manifest over the network, checked. Asked for past the http cache, since it says which weights are current.
 *  Throws EngineFailure ManifestUnreachable | ManifestInvalid. */
export async function networkManifest({ fetch }: Network, url: string): Promise<Manifest> {
  let json: unknown;
  try {
    const response = await fetch(url, { cache: "no-cache" });
    if (!response.ok)
      throw new EngineFailure({
        kind: "ManifestUnreachable",
        url,
        detail: `The server answered ${response.status}.`,
      });
    const text = await response.text();
    try {
      json = JSON.parse(text);
    } catch {
      throw new EngineFailure({ kind: "ManifestInvalid", url, detail: "It is not JSON." });
    }
  } catch (cause) {
    if (cause instanceof EngineFailure) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new EngineFailure({ kind: "ManifestUnreachable", url, detail });
  }
  const parsed = parseManifest(json);
  if (!parsed.ok) throw new EngineFailure({ kind: "ManifestInvalid", url, detail: parsed.error });
  return parsed.value;
}

/** Weight files through one store a manifest, so that a file that was cut goes on where it was. What the cache could not
 *  do is told to `warn`. */
export function networkFiles(
  network: Network,
  warn: (warning: EngineWarning) => void,
): (manifestUrl: string) => FetchFiles {
  const stores = new Map<string, WeightStore>();
  return (manifestUrl) => async (files, onProgress, signal, onFile) => {
    const store = stores.get(manifestUrl) ?? createWeightStore({ ...network, manifestUrl });
    stores.set(manifestUrl, store);
    const loaded = await store.load(files, { onProgress, signal, onFile });
    if (loaded.ok) {
      for (const warning of loaded.value.warnings) warn(warning);
      return [...loaded.value.files];
    }
    if (loaded.error.kind === "Aborted") throw new CancelledError();
    throw new EngineFailure(loaded.error);
  };
}
