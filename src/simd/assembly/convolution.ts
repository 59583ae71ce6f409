import { COLUMN, multiplyAdd } from "./lanes";

/** Channels of a panel: two vectors. */
const PANEL: i32 = 8;

/** y = conv(x) + b + factor·rest, keeping height and width, zeros around the picture; the rows from … to−1 of y. Pixels lie as
 *  rows of channels: x [height>>shift, width>>shift, inputs], each of its pixels standing for 2^shift × 2^shift; y and rest
 *  [height, width, outputs], outputs a multiple of 8. Filter in panels of eight outputs [outputs/8][size·size][inputs][8], b [outputs],
 *  `zeros` a pixel of zeros. `rest` 0 is none.
 *  Four pixels by eight channels at a time: weights in vectors, pixels broadcast. */
export function convolution(
  from: i32, to: i32, x: usize, filter: usize, bias: usize, y: usize, height: i32, width: i32, inputs: i32, outputs: i32,
  size: i32, shift: i32, zeros: usize, rest: usize, factor: f32,
): void {
  const reach = size >> 1;
  const pixel = <usize>inputs << 2;
  const target = <usize>outputs << 2;
  const tap = <usize>(inputs * PANEL) << 2;
  const across = width >> shift;
  const share = f32x4.splat(factor);
  for (let panel = 0; panel < outputs; panel += PANEL) {
    const biases = bias + (<usize>panel << 2);
    const bias0 = v128.load(biases);
    const bias1 = v128.load(biases, 16);
    const weights = filter + (<usize>(panel * size * size * inputs) << 2);
    for (let row = from; row < to; row++) {
      for (let column = 0; column < width; column += 4) {
        // Beyond the right edge the last pixel is done again.
        const column1 = min(column + 1, width - 1);
        const column2 = min(column + 2, width - 1);
        const column3 = min(column + 3, width - 1);
        let sum00 = bias0, sum01 = bias1, sum10 = bias0, sum11 = bias1;
        let sum20 = bias0, sum21 = bias1, sum30 = bias0, sum31 = bias1;
        let w = weights;
        for (let dy = -reach; dy <= reach; dy++) {
          const line = row + dy;
          if (line < 0 || line >= height) {
            w += tap * <usize>size;
            continue;
          }
          const start = x + <usize>((line >> shift) * across) * pixel;
          for (let dx = -reach; dx <= reach; dx++) {
            let pixel0 = pixelAt(start, column + dx, width, shift, pixel, zeros);
            let pixel1 = pixelAt(start, column1 + dx, width, shift, pixel, zeros);
            let pixel2 = pixelAt(start, column2 + dx, width, shift, pixel, zeros);
            let pixel3 = pixelAt(start, column3 + dx, width, shift, pixel, zeros);
            const end = pixel0 + pixel;
            while (pixel0 < end) {
              const weight0 = v128.load(w);
              const weight1 = v128.load(w, 16);
              let splat = v128.load32_splat(pixel0);
              sum00 = multiplyAdd(weight0, splat, sum00);
              sum01 = multiplyAdd(weight1, splat, sum01);
              splat = v128.load32_splat(pixel1);
              sum10 = multiplyAdd(weight0, splat, sum10);
              sum11 = multiplyAdd(weight1, splat, sum11);
              splat = v128.load32_splat(pixel2);
              sum20 = multiplyAdd(weight0, splat, sum20);
              sum21 = multiplyAdd(weight1, splat, sum21);
              splat = v128.load32_splat(pixel3);
              sum30 = multiplyAdd(weight0, splat, sum30);
              sum31 = multiplyAdd(weight1, splat, sum31);
              pixel0 += 4;
              pixel1 += 4;
              pixel2 += 4;
              pixel3 += 4;
              w += 2 * COLUMN;
            }
          }
        }
        const line = <usize>(row * width) * target + (<usize>panel << 2);
        const at0 = line + <usize>column * target;
        const at1 = line + <usize>column1 * target;
        const at2 = line + <usize>column2 * target;
        const at3 = line + <usize>column3 * target;
        if (rest != 0) {
          // All are read before any is stored: at the right edge they may be the same, and rest may be y.
          sum00 = multiplyAdd(share, v128.load(rest + at0), sum00);
          sum01 = multiplyAdd(share, v128.load(rest + at0, 16), sum01);
          sum10 = multiplyAdd(share, v128.load(rest + at1), sum10);
          sum11 = multiplyAdd(share, v128.load(rest + at1, 16), sum11);
          sum20 = multiplyAdd(share, v128.load(rest + at2), sum20);
          sum21 = multiplyAdd(share, v128.load(rest + at2, 16), sum21);
          sum30 = multiplyAdd(share, v128.load(rest + at3), sum30);
          sum31 = multiplyAdd(share, v128.load(rest + at3, 16), sum31);
        }
        v128.store(y + at0, sum00);
        v128.store(y + at0, sum01, 16);
        v128.store(y + at1, sum10);
        v128.store(y + at1, sum11, 16);
        v128.store(y + at2, sum20);
        v128.store(y + at2, sum21, 16);
        v128.store(y + at3, sum30);
        v128.store(y + at3, sum31, 16);
      }
    }
  }
}

/** Address of a pixel in the line that begins at `start`, or of zeros beyond its ends. */
@inline
function pixelAt(start: usize, column: i32, width: i32, shift: i32, pixel: usize, zeros: usize): usize {
  return column < 0 || column >= width ? zeros : start + <usize>(column >> shift) * pixel;
}
