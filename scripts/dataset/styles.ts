import * as adventurer from "@dicebear/adventurer";
import * as bigSmile from "@dicebear/big-smile";
import { createAvatar, type Result, type Style, type StyleMeta } from "@dicebear/core";
import * as dylan from "@dicebear/dylan";
import * as lorelei from "@dicebear/lorelei";
import * as micah from "@dicebear/micah";
import * as openPeeps from "@dicebear/open-peeps";
import * as personas from "@dicebear/personas";
import * as toonHead from "@dicebear/toon-head";
import { BACKGROUNDS, DRAWN_SIZE } from "#datasets/drawn/recipe.ts";

/** One class of the data set: a DiceBear style under the name that seeds, folders and manifests use. */
export interface AvatarStyle {
  readonly name: string;
  /** The npm package that holds the drawing; its version is part of what a data set is. */
  readonly package: string;
  /** Title, artist, source and licence, as the package states them. */
  readonly meta: StyleMeta;
  /** The avatar of a seed as SVG, with the choices behind it. `colours` replaces options of the style, by option name
   *  without #; as every choice takes one number of the generator, the parts stay what they are. */
  readonly avatar: (seed: string, colours?: Readonly<Record<string, string>>) => Result;
}

const define = (name: string, package_: string, style: Style<object>): AvatarStyle => ({
  name,
  package: package_,
  meta: style.meta ?? {},
  avatar: (seed, colours = {}) =>
    createAvatar(style, {
      ...Object.fromEntries(Object.entries(colours).map(([option, colour]) => [option, [colour]])),
      seed,
      size: DRAWN_SIZE,
      backgroundColor: [...BACKGROUNDS],
    }),
});

/** The eight styles; the place in this list is the label. */
export const STYLES: readonly AvatarStyle[] = [
  define("adventurer", "@dicebear/adventurer", adventurer),
  define("bigSmile", "@dicebear/big-smile", bigSmile),
  define("dylan", "@dicebear/dylan", dylan),
  define("lorelei", "@dicebear/lorelei", lorelei),
  define("micah", "@dicebear/micah", micah),
  define("openPeeps", "@dicebear/open-peeps", openPeeps),
  define("personas", "@dicebear/personas", personas),
  define("toonHead", "@dicebear/toon-head", toonHead),
];
