import type { Family } from "#checkpoints/manifest.ts";
import avatars64 from "./avatars-64.png";

/** Sheets of one picture a class in label order, drawn by our own models (scripts/make-class-sheet.ts). By family. */
const SHEETS: Readonly<Record<string, string>> = { "avatars-64": avatars64 };

/** Address of the sheet of a family; null where none has been drawn. */
export const classSheet = (family: Family): string | null => SHEETS[family.name] ?? null;
