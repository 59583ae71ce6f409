/** A case that cannot be run or judged, with the sentence that its line shows. */
export class CaseError extends Error {
  override readonly name = "CaseError";
}
