import { expect, test } from "vitest";
import { averageByArea, createAreaAverage } from "#datasets/averageByArea.ts";
import { shrink } from "../../scripts/dataset/pixels.ts";

/** Levels that look random and never change: a multiplicative generator modulo the prime 65,537. */
function picture(width: number, height: number) {
  let state = 4321;
  const rgba = Uint8Array.from({ length: width * height * 4 }, () => {
    state = (state * 75) % 65537;
    return state & 255;
  });
  return { width, height, rgba };
}
const rgbOf = ({ rgba }: { rgba: Uint8Array }) => rgba.filter((_, i) => i % 4 !== 3);
const whole = (side: number) => ({ left: 0, top: 0, side });

test.each([2, 4, 8])("means of %i×%i squares are those of the shipped data set, to the byte", (k) => {
  const from = picture(16 * k, 16 * k);
  expect(averageByArea(from, whole(16 * k), 16)).toEqual(Uint8Array.from(shrink(rgbOf(from), 16 * k, 16)));
});

test("a square of the target's size comes out as it is", () => {
  const from = picture(20, 17);
  const out = averageByArea(from, { left: 3, top: 1, side: 16 }, 16);
  for (const [x, y] of [
    [0, 0],
    [15, 0],
    [7, 9],
    [15, 15],
  ])
    expect([...out.subarray(3 * (16 * y + x), 3 * (16 * y + x) + 3)]).toEqual([
      ...from.rgba.subarray(4 * (20 * (y + 1) + x + 3), 4 * (20 * (y + 1) + x + 3) + 3),
    ]);
});

/** ⌊mean + 1/2⌋ by whole numbers the slow way: both axes are cut into side × size units. */
function byUnits(from: ReturnType<typeof picture>, side: number, size: number): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = y * side; v < (y + 1) * side; v++)
          for (let u = x * side; u < (x + 1) * side; u++)
            sum += from.rgba[4 * (Math.floor(v / size) * from.width + Math.floor(u / size)) + c] ?? 0;
        out[3 * (y * size + x) + c] = Math.floor((2 * sum + side * side) / (2 * side * side));
      }
  return out;
}

test.each([
  [17, 8],
  [23, 16],
  [15, 16],
  [9, 16],
  [1, 4],
  [37, 5],
])("a square of %i pixels becomes %i by the areas that each pixel covers", (side, size) => {
  const from = picture(side, side);
  expect(averageByArea(from, whole(side), size)).toEqual(byUnits(from, side, size));
});

test("it does not matter in how many strips the rows come", () => {
  const from = picture(50, 70);
  const square = { left: 4, top: 11, side: 45 };
  const average = createAreaAverage(50, square, 16);
  for (let y = 0; y < 70; y += 13)
    average.push(y, Math.min(13, 70 - y), from.rgba.subarray(4 * 50 * y, 4 * 50 * Math.min(70, y + 13)));
  expect(average.finish()).toEqual(averageByArea(from, square, 16));
});

test("white stays white and black stays black, whatever the size", () => {
  for (const level of [0, 255]) {
    const rgba = new Uint8Array(4 * 4097).fill(level);
    const average = createAreaAverage(4097, { left: 0, top: 0, side: 4097 }, 64);
    for (let y = 0; y < 4097; y++) average.push(y, 1, rgba);
    expect(average.finish().every((value) => value === level)).toBe(true);
  }
});

test("missing rows, rows out of order and squares that do not fit are refused", () => {
  const average = createAreaAverage(8, { left: 0, top: 0, side: 8 }, 4);
  average.push(0, 3, new Uint8Array(3 * 32));
  expect(() => average.finish()).toThrow("5 of 8 rows are missing");
  expect(() => average.push(4, 1, new Uint8Array(32))).toThrow("row 4 came where row 3 was due");
  expect(() => createAreaAverage(8, { left: 2, top: 0, side: 7 }, 4)).toThrow(RangeError);
});
