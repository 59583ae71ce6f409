/** What can be wrong with a picture of the formats that are only measured here and decoded by the browser. */
export type ImageError =
  | {
      readonly kind: "ImageTruncated";
      readonly format: string;
      readonly at: number;
      readonly fileBytes: number;
    }
  | { readonly kind: "ImageDamaged"; readonly format: string; readonly at: number; readonly detail: string }
  | { readonly kind: "NoPicture"; readonly format: string; readonly detail: string };

/** One sentence about an error of this file. */
export function describeImageError(error: ImageError): string {
  switch (error.kind) {
    case "ImageTruncated":
      return `The ${error.format} ends in the middle, after ${error.fileBytes} bytes.`;
    case "ImageDamaged":
      return `The ${error.format} is damaged at byte ${error.at}: ${error.detail}.`;
    case "NoPicture":
      return `The ${error.format} holds no picture (${error.detail}).`;
    default:
      return error satisfies never;
  }
}
