import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fileFailure } from "./errors.ts";

/** What a file is called until it is whole. */
export const unfinishedName = (path: string): string => `${path}.part`;

/** Writes a file so that its final name never holds half of it: under another name first, then renamed.
 *  Throws DatasetFailure; the file under the other name is removed then. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const unfinished = unfinishedName(path);
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, path);
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw fileFailure(path, cause);
  }
}

export const sha256 = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/** sha256 of a file in hex, or null when there is none. Throws DatasetFailure for a file that cannot be read. */
export async function fileSha256(path: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw fileFailure(path, cause);
  }
  return hash.digest("hex");
}
