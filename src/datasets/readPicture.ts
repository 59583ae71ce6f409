import { fail, type Result } from "#bytes/result.ts";
import { checkImage, type ImageProblem } from "#images/checkImage.ts";
import { sniffKind } from "#images/kind.ts";
import { MAX_SIDE, type Size } from "#images/limits.ts";
import { type Candidate, unreadable } from "./candidates.ts";
import { IMPORT_LIMITS, leastSide } from "./limits.ts";
import type { Decode, OpenPicture } from "./openPicture.ts";
import type { Refusal } from "./refusal.ts";

/** Kinds that are refused by their first bytes, so that a film is not read to its end. */
const NO_PICTURES = ["zip", "markup", "unknown"];

/** The bytes of a file that looks like a picture, or why not. Never rejects. */
export async function readBytes(candidate: Candidate): Promise<Result<Uint8Array<ArrayBuffer>, Refusal>> {
  const { bytes } = candidate;
  if (bytes === 0) return fail({ kind: "Empty" });
  if (bytes > IMPORT_LIMITS.fileBytes)
    return fail({ kind: "FileTooLarge", bytes, limitBytes: IMPORT_LIMITS.fileBytes });
  try {
    const head = await candidate.head();
    const fileKind = head && sniffKind(head);
    if (fileKind && NO_PICTURES.includes(fileKind)) return fail({ kind: "NotAPicture", fileKind });
  } catch (cause) {
    return fail(unreadable(cause));
  }
  return candidate.read();
}

/** Decodes a picture whose header asks for no more than the limits allow and no less than an image of `imageSize` pixels
 *  needs. The caller closes it. Never rejects. */
export async function openPicture(
  bytes: Uint8Array<ArrayBuffer>,
  imageSize: number,
  decode: Decode,
): Promise<Result<OpenPicture, Refusal>> {
  const checked = checkImage(bytes);
  if (!checked.ok) return fail(refusalOf(checked.error));
  const problem = sizeProblem(checked.value, imageSize);
  if (problem) return fail(problem);
  return decode(bytes, checked.value);
}

/** Why a picture of this size is not taken; null when it is. */
export function sizeProblem({ width, height }: Size, imageSize: number): Refusal | null {
  const { pixels: limitPixels, side: limitSide, ratio: mostRatio } = IMPORT_LIMITS;
  if (width * height > limitPixels || Math.max(width, height) > limitSide)
    return { kind: "TooManyPixels", width, height, limitPixels, limitSide };
  const least = leastSide(imageSize);
  if (Math.min(width, height) < least) return { kind: "TooSmall", width, height, leastSide: least };
  if (Math.max(width, height) > mostRatio * Math.min(width, height))
    return { kind: "TooNarrow", width, height, mostRatio };
  return null;
}

function refusalOf(problem: ImageProblem): Refusal {
  switch (problem.kind) {
    case "NotAPicture":
      return problem.fileKind === "empty" ? { kind: "Empty" } : problem;
    case "NotRead":
      return { kind: "NotDecodedHere", fileKind: problem.fileKind, detail: problem.detail };
    case "TooManyPixels":
      return { ...problem, limitPixels: IMPORT_LIMITS.pixels, limitSide: MAX_SIDE };
    case "Broken":
      return problem;
    default:
      return problem satisfies never;
  }
}

/** `readBytes`, then `openPicture`. */
export async function openCandidate(
  candidate: Candidate,
  imageSize: number,
  decode: Decode,
): Promise<Result<OpenPicture, Refusal>> {
  const bytes = await readBytes(candidate);
  return bytes.ok ? openPicture(bytes.value, imageSize, decode) : bytes;
}
