import { expect, test } from "vitest";
import { attributesOf } from "../../scripts/dataset/attributes.ts";
import { drawImage } from "../../scripts/dataset/drawTar.ts";
import { rasterise, shrink } from "../../scripts/dataset/pixels.ts";
import { STYLES } from "../../scripts/dataset/styles.ts";
import { sha256 } from "./support.ts";

const image = (name: string, index: number) => ({
  key: `${name}/${String(index).padStart(6, "0")}`,
  label: STYLES.findIndex((style) => style.name === name),
  style: name,
  index,
  seed: `${name}/${index}`,
});

/** sha256 of the pixels at 128 and 64 px, taken from the 24,000 avatars that the first models were trained on. */
const DRAWINGS = [
  ["adventurer", 0, "a709a92def2d3dd1", "5cf5cb309e7cb7ed"],
  ["bigSmile", 1, "a67c2c4aa1bc0e8d", "ef7f026cc98da711"],
  ["dylan", 7, "6ef2cb845897de79", "00a8db84779e7d06"],
  ["lorelei", 100, "20c745daf548b7b4", "e1c74a8ae1393e26"],
  ["micah", 2999, "6b3794b4d4a128ee", "1708c6307ae3747d"],
  ["openPeeps", 1234, "b9a58ade8d9229d0", "ecca4f6546856988"],
  ["personas", 500, "ba98d9a8544bd44f", "4540dad1e34151ab"],
  ["toonHead", 2998, "e050223c51e94e68", "ba8cd0470cdbfb82"],
] as const;

test.each(DRAWINGS)(
  "%s/%i is the picture that the first models were trained on",
  (name, index, at128, at64) => {
    expect(sha256(drawImage(image(name, index), 128).rgb)).toMatch(new RegExp(`^${at128}`));
    expect(sha256(drawImage(image(name, index), 64).rgb)).toMatch(new RegExp(`^${at64}`));
  },
);

test("a smaller image is the mean of squares, rounded half up, channel by channel", () => {
  const rgb = new Uint8Array(4 * 4 * 3);
  rgb.set([10, 0, 255, 11, 0, 255], 0); // top left square: its upper row
  rgb.set([11, 1, 255, 12, 1, 254], 12); // and its lower one
  const half = shrink(rgb, 4, 2);
  expect([...half.subarray(0, 3)]).toEqual([11, 1, 255]); // (44+2)>>2, (2+2)>>2, (1019+2)>>2
  expect([...half.subarray(3)]).toEqual(Array(9).fill(0));
  expect([...shrink(rgb, 4, 1)]).toEqual([3, 0, 64]); // ⌊(44+8)/16⌋, ⌊(2+8)/16⌋, ⌊(1019+8)/16⌋
  expect(shrink(rgb, 4, 4)).toBe(rgb);
});

const hex = (rgb: Uint8Array, at: number) => `#${Buffer.from(rgb.subarray(at, at + 3)).toString("hex")}`;

test.each(STYLES.map((style) => [style.name, style] as const))(
  "%s: the attributes are in the picture",
  (name, style) => {
    for (const index of [3000, 3001, 3002, 3003, 3004, 3005]) {
      const { rgb, attributes } = drawImage(image(name, index), 128);
      expect(hex(rgb, 0)).toBe(attributes.background);

      const seed = `${name}/${index}`;
      const parts = Object.entries(attributes).filter(([key]) => key.includes(".") && !key.endsWith("Color"));
      for (const [key, value] of Object.entries(attributes)) {
        if (!key.startsWith(`${name}.`) || !key.endsWith("Color")) continue;
        const option = key.slice(name.length + 1);
        const recoloured = style.avatar(seed, { [option]: "12ab34" }).toJson();
        // Another colour changes nothing else: the attributes of its parts are those of the picture.
        const again = attributesOf(style, seed, recoloured.extra);
        expect(Object.entries(again)).toEqual(expect.arrayContaining(parts));
        // A colour that counts as not drawn is not seen anywhere.
        if (value === "none")
          expect(sha256(rasterise(recoloured.svg)), `${seed} ${option}`).toBe(sha256(rgb));
        else expect(recoloured.svg).toContain("#12ab34");
      }
    }
  },
);

test("each image of a style has the same names, and nothing but words and yes or no", () => {
  for (const { name } of STYLES) {
    const [first, ...others] = [0, 1, 2, 3].map((index) => drawImage(image(name, index), 16).attributes);
    expect(Object.keys(first).slice(0, 5)).toEqual([
      "background",
      "skinColor",
      "hairColor",
      "glasses",
      "facialHair",
    ]);
    for (const other of others) expect(Object.keys(other)).toEqual(Object.keys(first));
    for (const value of Object.values(first)) expect(["string", "boolean"]).toContain(typeof value);
  }
});

/** Seeds whose drawing was looked at: with glasses, with facial hair, and what the choice is called there. */
const LOOKED_AT = [
  ["openPeeps", 0, { glasses: true, "openPeeps.accessories": "glasses5" }],
  ["personas", 0, { glasses: true, "personas.eyes": "sunglasses" }],
  ["personas", 1, { glasses: true, hairColor: "none", "personas.hair": "bald" }],
  ["dylan", 1, { glasses: false, facialHair: true }],
  ["lorelei", 0, { glasses: false, facialHair: true, "lorelei.glassesColor": "none" }],
  ["toonHead", 0, { facialHair: true, skinColor: "#5c3829", "toonHead.rearHair": "none" }],
  ["micah", 0, { glasses: false, facialHair: false, skinColor: "#77311d", "micah.baseColor": "#77311d" }],
  ["bigSmile", 1, { glasses: false, facialHair: false, "bigSmile.accessories": "faceMask" }],
  ["adventurer", 7, { glasses: true, facialHair: false }],
  ["adventurer", 65, { glasses: false, facialHair: true, "adventurer.features": "mustache" }],
  ["bigSmile", 9, { glasses: true, facialHair: false, "bigSmile.accessories": "sunglasses" }],
  ["bigSmile", 41, { glasses: false, facialHair: true, "bigSmile.accessories": "mustache" }],
  ["bigSmile", 42, { glasses: true, facialHair: false, "bigSmile.accessories": "glasses" }],
  ["lorelei", 6, { glasses: true, facialHair: false, "lorelei.glassesColor": "#000000" }],
  ["micah", 2, { glasses: true, facialHair: false }],
  ["micah", 4, { glasses: false, facialHair: true, hairColor: "none", "micah.facialHair": "scruff" }],
  ["openPeeps", 2, { glasses: false, facialHair: true, hairColor: "none" }],
  ["openPeeps", 29, { glasses: true, facialHair: false, "openPeeps.accessories": "sunglasses" }],
  ["openPeeps", 36, { glasses: false, facialHair: false, "openPeeps.accessories": "eyepatch" }],
  ["personas", 42, { glasses: false, facialHair: true, "personas.facialHair": "shadow" }],
] as const;

test.each(LOOKED_AT)("%s/%i is described as it looks", (name, index, seen) => {
  expect(drawImage(image(name, index), 16).attributes).toMatchObject(seen);
});
