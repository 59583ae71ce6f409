import type { RefusedFile } from "./dataset.ts";
import { DatasetStoreError, describeStoreProblem, type StoreProblem } from "./storeError.ts";

/** Every way that a data set can fail to come about. */
export type DatasetImportError =
  | { readonly kind: "TooManyFiles"; readonly count: number; readonly limit: number }
  | { readonly kind: "TooManyClasses"; readonly count: number; readonly limit: number }
  /** Not one file could be used. */
  | { readonly kind: "NothingUsable"; readonly refused: readonly RefusedFile[] }
  | { readonly kind: "BadOption"; readonly option: string; readonly detail: string }
  | { readonly kind: "Storage"; readonly problem: StoreProblem }
  /** The rasteriser or the style could not be fetched. */
  | { readonly kind: "DrawingUnreachable"; readonly detail: string }
  | { readonly kind: "Cancelled" }
  /** The worker could not be started, died, or met an error that is nobody else's. */
  | { readonly kind: "Internal"; readonly detail: string };

/** The error behind an exception. */
export const importErrorOf = (cause: unknown): DatasetImportError =>
  cause instanceof DatasetStoreError
    ? { kind: "Storage", problem: cause.problem }
    : { kind: "Internal", detail: cause instanceof Error ? cause.message : String(cause) };

/** One sentence about an import that failed. */
export function describeImportError(error: DatasetImportError): string {
  switch (error.kind) {
    case "TooManyFiles":
      return `${error.count} files were chosen; a data set takes ${error.limit} at most.`;
    case "TooManyClasses":
      return `The pictures lie in ${error.count} folders; at most ${error.limit} can be classes. Take them as one class instead.`;
    case "NothingUsable":
      return error.refused.length === 0
        ? "There are no files here."
        : `None of the ${error.refused.length} files is a picture that can be used.`;
    case "BadOption":
      return `${error.option}: ${error.detail}.`;
    case "Storage":
      return describeStoreProblem(error.problem);
    case "DrawingUnreachable":
      return `What draws the pictures could not be fetched (${error.detail}).`;
    case "Cancelled":
      return "The import was cancelled; nothing was kept.";
    case "Internal":
      return `The import failed (${error.detail}).`;
    default:
      return error satisfies never;
  }
}
