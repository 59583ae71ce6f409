import type { EngineWarning } from "#workers/protocol.ts";
import type { FinishedImage } from "./batch.ts";
import type { GalleryError } from "./gallery/database.ts";
import type { GalleryEntry } from "./gallery/entry.ts";
import type { HashProblem } from "./hash.ts";
import type { Doubt, Refusal } from "./restore.ts";

/** Something that happened and should be said once. */
export type NoticeContent =
  | { readonly kind: "link-problems"; readonly problems: readonly HashProblem[] }
  | { readonly kind: "unknown-backend"; readonly text: string }
  | { readonly kind: "unknown-kernels"; readonly text: string }
  | { readonly kind: "restored"; readonly seed: number; readonly doubts: readonly Doubt[] }
  | { readonly kind: "refused"; readonly file: string; readonly refusal: Refusal }
  | { readonly kind: "copied"; readonly what: "image" | "link" }
  | { readonly kind: "copy-failed"; readonly what: "image" | "link"; readonly detail: string }
  | { readonly kind: "export-failed"; readonly what: "picture" | "zip"; readonly detail: string }
  | {
      readonly kind: "removed";
      readonly entries: readonly GalleryEntry[];
      readonly cell: { readonly index: number; readonly image: FinishedImage } | null;
    }
  | { readonly kind: "weights-cache"; readonly warning: EngineWarning }
  | { readonly kind: "gallery-failed"; readonly error: GalleryError }
  /** The browser keeps no comparisons, or could not read those it keeps. */
  | { readonly kind: "comparisons-failed"; readonly error: GalleryError }
  | { readonly kind: "everything-deleted" }
  /** The browser kept at least a part of what was to be deleted. */
  | { readonly kind: "deletion-refused" };

export type Notice = NoticeContent & { readonly id: number };
