import { describe, expect, test } from "vitest";
import { magma } from "#metrics/colourScale.ts";
import { differenceImage } from "#metrics/differenceImage.ts";
import { picture } from "./support.ts";

const a = picture(3, 1, (x, _y, c) => [10, 100, 200][c] + x);
const b = picture(3, 1, (x, _y, c) => [10 + 20 * x, 100, 200 - 50 * x][c] + x);

describe("a difference picture", () => {
  test("shows each channel's distance, stronger as asked, clipped and opaque", () => {
    expect([...differenceImage(a, b, 255, "channels")]).toEqual([
      0, 0, 0, 255, 20, 0, 50, 255, 40, 0, 100, 255,
    ]);
    expect([...differenceImage(a, b, 51, "channels")]).toEqual([
      0, 0, 0, 255, 100, 0, 250, 255, 200, 0, 255, 255,
    ]);
  });

  test("is the same with the images exchanged", () => {
    expect(differenceImage(b, a, 80, "channels")).toEqual(differenceImage(a, b, 80, "channels"));
  });

  test("on the scale has the colour of the largest channel's share", () => {
    const shown = differenceImage(a, b, 200, "magma");
    expect([...shown]).toEqual([...magma(0), 255, ...magma(50 / 200), 255, ...magma(100 / 200), 255]);
  });

  test("of images of two sizes is refused", () => {
    expect(() =>
      differenceImage(
        a,
        picture(1, 3, () => 0),
        255,
        "magma",
      ),
    ).toThrow("3×1 and 1×3");
  });
});

describe("the scale", () => {
  /** CIE lightness of an sRGB colour: what is left of it without colour vision. */
  function lightness(colour: readonly number[]): number {
    const [r, g, b] = colour.map((level) => {
      const share = level / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
  }

  test("grows lighter all the way in even steps, so that it reads without colours", () => {
    const steps = Array.from({ length: 33 }, (_, i) => lightness(magma(i / 32)));
    const rises = steps.slice(1).map((value, i) => value - steps[i]);
    expect(steps[0]).toBeLessThan(1);
    expect(steps[32]).toBeGreaterThan(95);
    expect(Math.min(...rises)).toBeGreaterThan(1);
    expect(Math.max(...rises)).toBeLessThan(6); // 98 / 32 = 3.1 each on average
  });

  test("clips what lies beyond it", () => {
    expect(magma(-1)).toEqual(magma(0));
    expect(magma(7)).toEqual(magma(1));
  });
});
