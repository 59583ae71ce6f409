import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Manifest, parseManifest } from "#checkpoints/manifest.ts";
import { EngineFailure } from "#workers/errors.ts";
import type { FetchFiles } from "#workers/weightFiles.ts";

const detailOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** The manifest at a file: address. Throws EngineFailure ManifestUnreachable | ManifestInvalid. */
export async function fileManifest(url: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(fileURLToPath(url), "utf8");
  } catch (cause) {
    throw new EngineFailure({ kind: "ManifestUnreachable", url, detail: detailOf(cause) });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new EngineFailure({ kind: "ManifestInvalid", url, detail: detailOf(cause) });
  }
  const parsed = parseManifest(json);
  if (!parsed.ok) throw new EngineFailure({ kind: "ManifestInvalid", url, detail: parsed.error });
  return parsed.value;
}

/** Files beside a manifest on disk, their hashes checked as a download's are. */
export const filesBeside =
  (manifestUrl: string): FetchFiles =>
  async (files, onProgress, _signal, onFile) => {
    const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
    let loadedBytes = 0;
    const contents: Uint8Array[] = [];
    for (const { file, sha256 } of files) {
      let bytes: Uint8Array;
      try {
        bytes = await readFile(fileURLToPath(new URL(file, manifestUrl)));
      } catch (cause) {
        const detail = detailOf(cause);
        throw new EngineFailure({
          kind: "DownloadFailed",
          file,
          httpStatus: null,
          loadedBytes,
          totalBytes,
          detail,
        });
      }
      const actual = createHash("sha256").update(bytes).digest("hex");
      if (actual !== sha256)
        throw new EngineFailure({ kind: "HashMismatch", file, expected: sha256, actual });
      loadedBytes += bytes.length;
      onProgress(loadedBytes, totalBytes, false);
      onFile?.(bytes);
      contents.push(bytes);
    }
    return contents;
  };
