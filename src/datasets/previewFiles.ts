import { fail, ok, type Result } from "#bytes/result.ts";
import type { Size } from "#images/limits.ts";
import { type Candidate, listCandidates, type PickedFile } from "./candidates.ts";
import { centreSquare, type Square } from "./crop.ts";
import { cropToImage, squareOf } from "./cropToImage.ts";
import type { DatasetImportError } from "./importError.ts";
import type { Decode, OpenPicture } from "./openPicture.ts";
import { openCandidate } from "./readPicture.ts";

/** One way of cropping a picture. */
export interface PreviewCrop {
  readonly square: Square;
  /** RGB, imageSize × imageSize × 3 bytes: the very image that an import makes. */
  readonly rgb: Uint8Array<ArrayBuffer>;
}

/** A picture before it is imported. */
export interface Preview extends Size {
  readonly path: string;
  /** The whole picture, RGBA, longer side THUMBNAIL pixels at most. */
  readonly thumbnail: Size & { readonly rgba: Uint8Array<ArrayBuffer> };
  readonly centre: PreviewCrop;
  readonly smart: PreviewCrop;
}

const THUMBNAIL = 256;

/** What is in the files that were picked, and how some of their pictures would be cropped. */
export interface Previews {
  /** Files that an import would look at. */
  readonly files: number;
  readonly previews: readonly Preview[];
}

/** Previews of up to `count` pictures, spread over the files: those that cannot be used are passed over, and no more than
 *  four times `count` files are tried. Never rejects. */
export async function previewFiles(
  picked: readonly PickedFile[],
  count: number,
  imageSize: number,
  decode: Decode,
  signal: AbortSignal,
): Promise<Result<Previews, DatasetImportError>> {
  const listed = await listCandidates(picked);
  if (!listed.ok) return listed;
  const { files } = listed.value;
  const previews: Preview[] = [];
  for (const candidate of spread(files, 4 * count)) {
    if (signal.aborted) return fail({ kind: "Cancelled" });
    if (previews.length === count) break;
    const picture = await openCandidate(candidate, imageSize, decode);
    if (!picture.ok) continue;
    previews.push(previewOf(candidate, picture.value, imageSize));
    picture.value.close();
  }
  return ok({ files: files.length, previews });
}

/** Up to `most` entries, from the whole list: first those at even distances, then those in between. */
function* spread(files: readonly Candidate[], most: number): Generator<Candidate> {
  const given = new Set<number>();
  for (let step = Math.max(1, Math.floor((4 * files.length) / most)); ; step = step >> 1) {
    for (let i = 0; i < files.length; i += Math.max(1, step)) {
      if (given.size === most) return;
      if (given.has(i)) continue;
      given.add(i);
      yield files[i];
    }
    if (step <= 1) return;
  }
}

function previewOf({ path }: Candidate, picture: OpenPicture, imageSize: number): Preview {
  const { width, height } = picture;
  const crop = (square: Square): PreviewCrop => ({ square, rgb: cropToImage(picture, square, imageSize) });
  return {
    path,
    width,
    height,
    thumbnail: picture.thumbnail(THUMBNAIL),
    centre: crop(centreSquare(picture)),
    smart: crop(squareOf(picture, "smart")),
  };
}
