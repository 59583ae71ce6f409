// @ts-check
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";

/** What shrinks by half or more. Weights and pictures do not. */
const SHRINKING = new Set([".html", ".js", ".mjs", ".css", ".json", ".webmanifest", ".txt", ".wasm", ".svg"]);

/** Compressed contents by ETag: a folder that is served has a few dozen files, and a browser asks for each again and again.
 *  @type {Map<string, Buffer>} */
const kept = new Map();

/** Whether an Accept-Encoding header takes gzip. Without one, nothing is compressed.
 *  @param {string | string[] | undefined} header */
export const takesGzip = (header) =>
  String(header ?? "")
    .split(",")
    .some((part) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(part));

/** A file's content as gzip; null for one that does not shrink.
 *  @param {string} file
 *  @param {string} etag of its present content
 *  @returns {Buffer | null} */
export function compressed(file, etag) {
  if (!SHRINKING.has(extname(file))) return null;
  const key = `${file} ${etag}`;
  const known = kept.get(key);
  if (known) return known;
  const bytes = gzipSync(readFileSync(file));
  kept.set(key, bytes);
  return bytes;
}
