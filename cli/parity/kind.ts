import type { CaseFolder } from "./caseFolder.ts";
import type { Comparison } from "./comparison.ts";
import type { GoldenCase } from "./goldenCase.ts";

export interface KindContext {
  readonly golden: GoldenCase;
  readonly compare: Comparison;
  /** The case's folder, for kinds with files of their own. */
  readonly folder: CaseFolder;
}

/** Computes the outputs of a case of one kind and hands them to `compare`. Driven by the case alone: configs,
 *  shapes and names of outputs come from its files. Tensors are released by the caller's scope.
 *  Throws CaseError for a case that cannot be run. */
export type Kind = (context: KindContext) => Promise<void>;
