/** Every way that storage can refuse. */
export type StoreProblem =
  /** The disk or the browser's share of it is full. */
  | { readonly kind: "Full"; readonly detail: string }
  /** No storage at all: some private windows, storage switched off. `detail` is the browser's own message. */
  | { readonly kind: "Unavailable"; readonly detail: string }
  /** The data set was deleted, here or in another tab. */
  | { readonly kind: "Missing"; readonly id: string }
  /** A piece is gone or has another length: something outside the page deleted it. */
  | { readonly kind: "Damaged"; readonly id: string; readonly detail: string }
  | { readonly kind: "OutOfRange"; readonly from: number; readonly count: number; readonly of: number };

/** A problem of storage on its way to whoever asked. */
export class DatasetStoreError extends Error {
  override readonly name = "DatasetStoreError";
  constructor(readonly problem: StoreProblem) {
    super(describeStoreProblem(problem));
  }
}

/** The problem behind an exception of IndexedDB or of the file system. */
export function storeProblem(cause: unknown): StoreProblem {
  if (cause instanceof DatasetStoreError) return cause.problem;
  const detail = cause instanceof Error ? cause.message || cause.name : String(cause);
  const name = cause instanceof Error ? cause.name : "";
  return name === "QuotaExceededError" ? { kind: "Full", detail } : { kind: "Unavailable", detail };
}

/** One sentence about a problem of storage. */
export function describeStoreProblem(problem: StoreProblem): string {
  switch (problem.kind) {
    case "Full":
      return "The browser's storage is full: delete a data set or make room on the disk.";
    case "Unavailable":
      return `The browser keeps nothing here (${problem.detail}).`;
    case "Missing":
      return "The data set has been deleted.";
    case "Damaged":
      return `The data set is damaged: ${problem.detail}`;
    case "OutOfRange":
      return `Images ${problem.from} … ${problem.from + problem.count - 1} were asked of a data set of ${problem.of}.`;
    default:
      return problem satisfies never;
  }
}
