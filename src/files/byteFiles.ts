/** Named byte files of this site in this browser. Names are paths with `/`. Every method rejects with the browser's own
 *  error (`storageError`); nothing is promised of a file whose writing was cut off but that others are as they were. */
export interface ByteFiles {
  /** Replaces the file by these bytes, one part after the other. */
  write(name: string, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void>;
  /** Bytes from … to−1 of the file, all of it by default, fewer where it ends before; null when there is none. */
  read(name: string, from?: number, to?: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Names that begin with the prefix, with their sizes; in the order of names. */
  list(prefix: string): Promise<readonly { readonly name: string; readonly bytes: number }[]>;
  /** Removes every file whose name begins with the prefix. */
  remove(prefix: string): Promise<void>;
}

/** Why the browser could not keep or give bytes. */
export type StorageError =
  | { readonly kind: "Full"; readonly detail: string }
  /** Private windows of some browsers, or storage switched off. `detail` is the browser's own message. */
  | { readonly kind: "Unavailable"; readonly detail: string };

export const storageError = (cause: unknown): StorageError => {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const full = cause instanceof Error && cause.name === "QuotaExceededError";
  return { kind: full ? "Full" : "Unavailable", detail };
};
