import type { StoreProblem } from "#datasets/storeError.ts";
import type { StorageError } from "#files/byteFiles.ts";
import type { TrainerError } from "#workers/trainerProtocol.ts";

/** Everything that can stand in the way on the Fine-tune page. */
export type FinetuneProblem =
  | { readonly kind: "trainer"; readonly error: TrainerError }
  | { readonly kind: "datasets"; readonly problem: StoreProblem }
  | { readonly kind: "runs"; readonly error: StorageError }
  /** A link names a data set that this browser does not keep. */
  | { readonly kind: "set-missing"; readonly id: string };
