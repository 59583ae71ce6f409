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
  /** The part of the product that the case is about does not exist yet. */
  | { readonly case: string; readonly status: "not yet"; readonly kind: string };

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
