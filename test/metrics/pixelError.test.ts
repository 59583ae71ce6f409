import { describe, expect, test } from "vitest";
import { MetricError } from "#metrics/metricError.ts";
import { meanSquaredError, peakSignalToNoise, peakSignalToNoiseOf } from "#metrics/pixelError.ts";
import { imagesOf, picture, python } from "./support.ts";

describe("pixel error", () => {
  test.each(python.pixels)("equals the Python twin on images of seed $seed", (wanted) => {
    const mse = meanSquaredError(...imagesOf(wanted));
    expect(mse).toBe(wanted.mse); // a sum of integers and one division
    const psnr = peakSignalToNoise(mse);
    if (wanted.psnr === null) expect(psnr).toBeNull();
    else expect(psnr).toBeCloseTo(wanted.psnr, 10);
  });

  test("bytes do not wrap around, and a difference of 245 everywhere is 245²", () => {
    const a = picture(3, 2, () => 250);
    const b = picture(3, 2, () => 5);
    expect(meanSquaredError(a, b)).toBe(245 ** 2);
    expect(peakSignalToNoise(245 ** 2)).toBeCloseTo(20 * Math.log10(255 / 245), 12);
  });

  test("the interval of PSNR is that of the error turned around, and there is none with equal pictures", () => {
    const of = (error: number) => 10 * Math.log10(255 ** 2 / error);
    const error = { value: 10, low: 5, high: 20, blocks: [8, 12] };
    expect(peakSignalToNoiseOf(error)).toEqual({
      value: of(10),
      low: of(20),
      high: of(5),
      blocks: [of(8), of(12)],
    });
    expect(peakSignalToNoiseOf({ ...error, low: 0 })).toBeNull();
    expect(peakSignalToNoiseOf({ ...error, blocks: [0, 20] })).toBeNull();
  });

  test("alpha does not count", () => {
    const a = picture(2, 2, () => 9);
    const clear = { ...a, rgba: Uint8Array.from(a.rgba, (byte, i) => (i % 4 === 3 ? 0 : byte)) };
    expect(meanSquaredError(a, clear)).toBe(0);
  });

  test("images of other sizes and bytes that do not fit are refused by name", () => {
    const a = picture(4, 3, () => 0);
    const kindOf = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        if (error instanceof MetricError) return error.problem;
      }
      return null;
    };
    expect(
      kindOf(() =>
        meanSquaredError(
          a,
          picture(3, 4, () => 0),
        ),
      ),
    ).toEqual({
      kind: "ImageSizesDiffer",
      first: { width: 4, height: 3 },
      second: { width: 3, height: 4 },
    });
    expect(kindOf(() => meanSquaredError(a, { ...a, rgba: a.rgba.subarray(4) }))).toEqual({
      kind: "WrongByteCount",
      bytes: 44,
      expected: 48,
    });
  });
});
