import type { Worst } from "./comparison.ts";

/** What became of a case. */
export type Outcome =
  | {
      readonly case: string;
      readonly status: "passed";
      readonly worst: Worst | null;
      readonly detail?: string;
    }
  | {
      readonly case: string;
      readonly status: "failed";
      readonly worst: Worst | null;
      readonly reason: string;
    }
  /** A case of a kind that this program does not know: from a newer folder, or a misspelt one. */
  | { readonly case: string; readonly status: "unknown"; readonly kind: string };

/** A case that failed, with the sentence that says how. */
export const failed = (name: string, reason: string, worst: Worst | null = null): Outcome => ({
  case: name,
  status: "failed",
  worst,
  reason,
});

/** What went wrong in one line: messages that quote a file's text may hold line breaks. */
export const sentenceOf = (cause: unknown): string =>
  (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)).replace(/\s+/g, " ");
