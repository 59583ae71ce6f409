import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Plan } from "../../scripts/dataset/plan.ts";

/** What `npm run dataset -- --per-class 2 --held-out-per-class 1 --per-tar 8` draws: three tars, 24 images. */
export const TINY: Plan = { size: 128, perClass: 2, heldOutPerClass: 1, perTar: 8 };

/** That data set as it was drawn when the format was made; the Python tests read it too. */
export const TINY_FOLDER = "test/fixtures/dataset";

export const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

/** A folder that lives as long as the test, with a copy of `from` in it. */
export function temporaryFolder(from?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "steadyflow-dataset-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (from) cpSync(from, folder, { recursive: true });
  return folder;
}

/** sha256 of every file by name, folders as their names: two equal answers are equal folders. */
export function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => [
        entry.name,
        entry.isFile() ? sha256(readFileSync(join(folder, entry.name))) : "folder",
      ]),
  );
}

export interface TarMember {
  readonly name: string;
  readonly header: Uint8Array;
  readonly content: Uint8Array;
}

/** Members of a tar in order, read by the standard (POSIX.1-1988) and not by our writer: sizes are octal, contents fill
 *  blocks of 512, and the checksum of a header counts its own eight bytes as spaces. Throws on anything else. */
export function readTar(tar: Uint8Array): TarMember[] {
  const members: TarMember[] = [];
  for (let at = 0; tar[at] !== 0; ) {
    const header = tar.subarray(at, at + 512);
    const text = (from: number, to: number) =>
      new TextDecoder("latin1").decode(header.subarray(from, to)).split("\0")[0];
    const sum = header.reduce((total, byte, n) => total + (n >= 148 && n < 156 ? 0x20 : byte), 0);
    if (Number.parseInt(text(148, 156), 8) !== sum) throw new Error(`wrong checksum at byte ${at}`);
    const size = Number.parseInt(text(124, 136), 8);
    members.push({ name: text(0, 100), header, content: tar.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

/** A screen that remembers what was written. */
export function listener(isTTY = false) {
  const texts: string[] = [];
  return { isTTY, write: (text: string) => texts.push(text), said: () => texts.join("") };
}
