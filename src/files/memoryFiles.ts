import type { ByteFiles } from "./byteFiles.ts";

/** Byte files that last as long as this object: where the browser keeps nothing, a run still trains. */
export function memoryFiles(): ByteFiles {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const named = (prefix: string) => [...files.keys()].filter((name) => name.startsWith(prefix)).sort();
  return {
    async write(name, parts) {
      const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      files.set(name, bytes);
    },
    async read(name, from, to) {
      return files.get(name)?.slice(from, to) ?? null;
    },
    async list(prefix) {
      return named(prefix).map((name) => ({ name, bytes: files.get(name)?.length ?? 0 }));
    },
    async remove(prefix) {
      for (const name of named(prefix)) files.delete(name);
    },
  };
}
