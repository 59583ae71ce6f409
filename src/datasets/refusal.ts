import { type FileKind, KIND_NAMES } from "#images/kind.ts";

/** Why a file did not become an image of the data set. One name for each way; `describeRefusal` says it in words. */
export type Refusal =
  | { readonly kind: "Empty" }
  | { readonly kind: "SystemFile" }
  | { readonly kind: "NotAPicture"; readonly fileKind: FileKind }
  | { readonly kind: "ArchiveInArchive" }
  /** A picture by its first bytes, of a kind that this browser does not decode. */
  | { readonly kind: "NotDecodedHere"; readonly fileKind: FileKind; readonly detail: string }
  | { readonly kind: "FileTooLarge"; readonly bytes: number; readonly limitBytes: number }
  | {
      readonly kind: "TooManyPixels";
      readonly width: number;
      readonly height: number;
      readonly limitPixels: number;
      readonly limitSide: number;
    }
  | { readonly kind: "TooSmall"; readonly width: number; readonly height: number; readonly leastSide: number }
  | {
      readonly kind: "TooNarrow";
      readonly width: number;
      readonly height: number;
      readonly mostRatio: number;
    }
  | { readonly kind: "Broken"; readonly detail: string }
  | { readonly kind: "Unreadable"; readonly detail: string }
  /** The same bytes as another file. */
  | { readonly kind: "SameFile"; readonly as: string }
  /** Other bytes, the same pixels after cropping and shrinking. */
  | { readonly kind: "SamePixels"; readonly as: string }
  /** Nearly the same pixels: `bits` of 64 and `levels` of 255 apart; see duplicates.ts. */
  | {
      readonly kind: "NearDuplicate";
      readonly of: string;
      readonly bits: number;
      readonly levels: number;
    }
  /** An archive, or one file in it, that cannot be unpacked. */
  | { readonly kind: "BadArchive"; readonly detail: string }
  | { readonly kind: "ArchiveTooLarge"; readonly unpackedBytes: number; readonly limitBytes: number };

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
const megapixels = (pixels: number): string => `${(pixels / 1e6).toFixed(0)} megapixels`;

/** One sentence about a refused file. */
export function describeRefusal(reason: Refusal): string {
  switch (reason.kind) {
    case "Empty":
      return "The file is empty.";
    case "SystemFile":
      return "A hidden file of the operating system.";
    case "NotAPicture":
      return `Not a picture: the file is ${KIND_NAMES[reason.fileKind]}.`;
    case "ArchiveInArchive":
      return "A zip archive inside another one is not opened.";
    case "NotDecodedHere":
      return `This browser does not read the file, ${KIND_NAMES[reason.fileKind]} (${reason.detail}).`;
    case "FileTooLarge":
      return `The file has ${megabytes(reason.bytes)}; at most ${megabytes(reason.limitBytes)} are read.`;
    case "TooManyPixels":
      return `The file declares ${reason.width} × ${reason.height} pixels; at most ${megapixels(reason.limitPixels)} and ${reason.limitSide} a side are decoded.`;
    case "TooSmall":
      return `${reason.width} × ${reason.height} pixels are too few: the shorter side needs ${reason.leastSide}.`;
    case "TooNarrow":
      return `${reason.width} × ${reason.height} pixels are too narrow: one side is more than ${reason.mostRatio} times the other.`;
    case "Broken":
      return `The picture is broken: ${reason.detail}`;
    case "Unreadable":
      return `The file could not be read (${reason.detail}).`;
    case "SameFile":
      return `The same file as ${reason.as}.`;
    case "SamePixels":
      return `The same picture as ${reason.as}.`;
    case "NearDuplicate":
      return `Nearly the same picture as ${reason.of} (${reason.bits} of 64 bits and at most ${reason.levels} of 255 levels apart).`;
    case "BadArchive":
      return `The zip archive cannot be read: ${reason.detail}`;
    case "ArchiveTooLarge":
      return `The zip archive would unpack to ${megabytes(reason.unpackedBytes)}; at most ${megabytes(reason.limitBytes)} are allowed for its size.`;
    default:
      return reason satisfies never;
  }
}
