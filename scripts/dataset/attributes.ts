import type { AvatarStyle } from "./styles.ts";

/** What an avatar shows, as its drawing knew it: flat, every name of a style in every image of that style. */
export type Attributes = Readonly<Record<string, string | boolean>>;

type Choices = Readonly<Record<string, unknown>>;

/** Choices that say nothing about the picture: the background is one flat colour, the primary one. */
const WITHOUT_MEANING = ["secondaryBackgroundColor", "backgroundType", "backgroundRotation"];

/** How the words that all styles share follow from a style's own choices. */
interface SharedWords {
  /** Glasses or sunglasses are on. */
  readonly glasses: (choices: Choices) => boolean;
  /** A beard, a moustache or both. It may be under a mask (openPeeps). */
  readonly facialHair: (choices: Choices) => boolean;
  /** The choice that holds the colour of the skin, and that of the hair. */
  readonly skinColor: string;
  readonly hairColor: string;
}

const chosen = (name: string) => (choices: Choices) => choices[name] !== undefined;
const oneOf =
  (name: string, ...values: readonly string[]) =>
  (choices: Choices) =>
    values.includes(String(choices[name]));
const never = () => false;

const SHARED: Readonly<Record<string, SharedWords>> = {
  adventurer: {
    glasses: chosen("glasses"),
    facialHair: oneOf("features", "mustache"),
    skinColor: "skinColor",
    hairColor: "hairColor",
  },
  bigSmile: {
    glasses: oneOf("accessories", "glasses", "sunglasses"),
    facialHair: oneOf("accessories", "mustache"),
    skinColor: "skinColor",
    hairColor: "hairColor",
  },
  dylan: {
    glasses: never,
    facialHair: chosen("facialHair"),
    skinColor: "skinColor",
    hairColor: "hairColor",
  },
  lorelei: {
    glasses: chosen("glasses"),
    facialHair: chosen("beard"),
    skinColor: "skinColor",
    hairColor: "hairColor",
  },
  micah: {
    glasses: chosen("glasses"),
    facialHair: chosen("facialHair"),
    skinColor: "baseColor",
    hairColor: "hairColor",
  },
  openPeeps: {
    glasses: (choices) => /^(sun)?glasses/.test(String(choices.accessories)), // the other accessory is an eyepatch
    facialHair: chosen("facialHair"),
    skinColor: "skinColor",
    hairColor: "headContrastColor", // hats and hijabs have it too
  },
  personas: {
    glasses: oneOf("eyes", "glasses", "sunglasses"),
    facialHair: chosen("facialHair"),
    skinColor: "skinColor",
    hairColor: "hairColor",
  },
  toonHead: {
    glasses: never,
    facialHair: chosen("beard"),
    skinColor: "skinColor",
    hairColor: "hairColor",
  },
};

/** Attributes of a style's avatar.
 *  - Common to all styles: `background`, `skinColor`, `hairColor` (#rrggbb, or "none" where nothing has that colour: a
 *    bald head, a hat, or hair that openPeeps draws in ink whatever was chosen), `glasses` and `facialHair` (true or
 *    false; dylan and toonHead have no glasses).
 *  - The style's own, as `<style>.<choice>`: its parts by DiceBear's names ("micah.mouth": "smirk"; "none" for a part
 *    that was left out) and its colours. Names of two styles never mean the same: adventurer's eyes variant02 are not
 *    lorelei's.
 *  A colour counts only when the picture has it: DiceBear picks a colour for glasses that nobody wears, too. */
export function attributesOf(style: AvatarStyle, seed: string, choices: Choices): Attributes {
  const shared = SHARED[style.name];
  const drawn = drawnColours(style, seed, choices);
  const word = (name: string) =>
    choices[name] === undefined || drawn.get(name) === false ? "none" : String(choices[name]);
  const own = Object.keys(choices).filter(
    (name) => name !== "primaryBackgroundColor" && !WITHOUT_MEANING.includes(name),
  );
  return {
    background: String(choices.primaryBackgroundColor),
    skinColor: word(shared.skinColor),
    hairColor: word(shared.hairColor),
    glasses: shared.glasses(choices),
    facialHair: shared.facialHair(choices),
    ...Object.fromEntries(own.map((name) => [`${style.name}.${name}`, word(name)])),
  };
}

/** For each colour of the style, whether the SVG contains it: the avatar is made again with a colour of its own for
 *  each option, and those colours are looked for. */
function drawnColours(style: AvatarStyle, seed: string, choices: Choices): ReadonlyMap<string, boolean> {
  const options = Object.keys(choices).filter((name) => /^(?!primaryB|secondaryB).*Color$/.test(name));
  const markers = new Map(options.map((option, n) => [option, `7e57${(n + 16).toString(16)}`])); // in no style's palette
  const svg = style.avatar(seed, Object.fromEntries(markers)).toString();
  return new Map([...markers].map(([option, marker]) => [option, svg.includes(`#${marker}`)]));
}
