import type { Family } from "#checkpoints/manifest.ts";

/** Sheets of one picture a class, drawn by our own models: see scripts in docs. By family. */
const SHEETS: Readonly<Record<string, string>> = {};

/** Address of the sheet of a family; null where none has been drawn. */
export const classSheet = (family: Family): string | null => SHEETS[family.name] ?? null;
