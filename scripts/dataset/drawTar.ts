import { createHash } from "node:crypto";
import { DRAWN_SIZE } from "#datasets/drawn/recipe.ts";
import { type Attributes, attributesOf } from "./attributes.ts";
import { DatasetFailure } from "./errors.ts";
import { sha256 } from "./files.ts";
import { rasterise, shrink } from "./pixels.ts";
import { type ImagePlan, planImages, type TarPlan } from "./plan.ts";
import { encodeFlatPng } from "./png.ts";
import { STYLES } from "./styles.ts";
import { TAR_END, tarMember } from "./tar.ts";

/** The most bytes of a tar: what comes and goes with other tools is often cut at 50 MB. */
export const TAR_LIMIT_BYTES = 45 * 1024 * 1024;

/** A finished tar, as dataset.json lists it. */
export interface TarEntry {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly count: number;
  /** sha256 of all pixels (RGB, size × size × 3 bytes an image) in the order of the members: this is what stays the
   *  same on every machine and with every compressor. */
  readonly pixelsSha256: string;
}

export interface DrawnTar {
  readonly entry: TarEntry;
  readonly tar: Uint8Array;
  /** JSON lines, one an image. */
  readonly attributes: string;
}

/** The picture of one seed, size × size × 3 bytes RGB, and what it shows. */
export function drawImage(image: ImagePlan, size: number): { rgb: Uint8Array; attributes: Attributes } {
  const style = STYLES[image.label];
  const avatar = style.avatar(image.seed).toJson();
  return {
    rgb: shrink(rasterise(avatar.svg), DRAWN_SIZE, size),
    attributes: attributesOf(style, image.seed, avatar.extra),
  };
}

/** Draws every image of a tar; `onImage` is called after each. Throws DatasetFailure when the tar grows too large. */
export function drawTar(
  plan: TarPlan,
  size: number,
  onImage: () => void = () => {},
  limit = TAR_LIMIT_BYTES,
): DrawnTar {
  const members: Uint8Array[] = [];
  const lines: string[] = [];
  const pixels = createHash("sha256");
  let bytes = TAR_END.length;
  for (const image of planImages(plan)) {
    const { rgb, attributes } = drawImage(image, size);
    pixels.update(rgb);
    const member = tarMember(`${image.key}.png`, encodeFlatPng(rgb, size));
    members.push(member);
    bytes += member.length;
    if (bytes > limit) throw new DatasetFailure({ kind: "TarTooLarge", file: plan.file, bytes, limit });
    const { key, style, label, index, seed } = image;
    lines.push(`${JSON.stringify({ key, split: plan.split, style, label, index, seed, attributes })}\n`);
    onImage();
  }
  const tar = Buffer.concat([...members, TAR_END]);
  return {
    entry: {
      file: plan.file,
      bytes: tar.length,
      sha256: sha256(tar),
      count: lines.length,
      pixelsSha256: pixels.digest("hex"),
    },
    tar,
    attributes: lines.join(""),
  };
}
