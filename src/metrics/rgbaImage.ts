import { MetricError } from "./metricError.ts";

/** An 8-bit picture, four bytes a pixel by rows. Metrics read RGB; alpha counts as opaque. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array | Uint8ClampedArray;
}

/** Throws MetricError (ImageSizesDiffer, WrongByteCount) unless the two images have one size and their bytes fit it. */
export function assertPaired(a: RgbaImage, b: RgbaImage): void {
  if (a.width !== b.width || a.height !== b.height) {
    const size = ({ width, height }: RgbaImage) => ({ width, height });
    throw new MetricError({ kind: "ImageSizesDiffer", first: size(a), second: size(b) });
  }
  const expected = 4 * a.width * a.height;
  for (const { rgba } of [a, b]) {
    if (rgba.length !== expected)
      throw new MetricError({ kind: "WrongByteCount", bytes: rgba.length, expected });
  }
}
