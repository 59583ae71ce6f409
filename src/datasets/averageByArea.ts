import type { Size } from "#images/limits.ts";
import type { Square } from "./crop.ts";

/** Shrinks a square of a picture that comes row by row to size × size pixels, each the mean of the area it covers:
 *  out = ⌊(Σ wx wy level + s²/2) / s²⌋, s the square's side, wx and wy the overlaps of source and target pixels in units of
 *  1/size of a source pixel. Means are taken of the stored levels, not of light, and halves are rounded up: for s = 2 size
 *  that is (Σ + 2) >> 2, exactly as the shipped data set is shrunk (scripts/dataset/pixels.ts). All sums are whole numbers
 *  below 2⁵³ (s ≤ 16384), so the result is the same on every machine. A square smaller than the target is enlarged to
 *  blocks by the same rule. */
export interface AreaAverage {
  /** Takes rows first … first + rows − 1 of the picture, top to bottom without gaps (rows outside of the square may be
   *  left out): RGBA, of which alpha is not looked at. The bytes are only lent. */
  push(first: number, rows: number, rgba: Uint8Array): void;
  /** RGB, size × size × 3 bytes, once every row of the square was pushed. Throws RangeError when some are missing. */
  finish(): Uint8Array<ArrayBuffer>;
}

/** `width` is that of the pushed rows, which may be a part of the picture: `left` of the square counts from their start. */
export function createAreaAverage(width: number, square: Square, size: number): AreaAverage {
  const { left, top, side } = square;
  if (left < 0 || left + side > width || side < 1)
    throw new RangeError(`a square of ${side} pixels at ${left} does not fit into ${width}`);
  const out = new Uint8Array(size * size * 3);
  /** Σ wx level of the row at hand, and Σ wx wy level of the target row at hand. */
  const row = new Float64Array(size * 3);
  const sums = new Float64Array(size * 3);
  const area = side * side;
  const columns = overlaps(side, size);
  let next = 0; // the square's row that comes next
  let target = 0;

  /** Gives the row at hand to the target rows it overlaps: units from next × size to (next + 1) × size, of which each
   *  target row has `side`. */
  function spread(): void {
    let from = next * size;
    const to = from + size;
    while (from < to) {
      const end = Math.min(to, (target + 1) * side);
      const weight = end - from;
      for (let i = 0; i < sums.length; i++) sums[i] += weight * row[i];
      from = end;
      if (end === (target + 1) * side) {
        const at = target * size * 3;
        for (let i = 0; i < sums.length; i++) out[at + i] = Math.floor((sums[i] + area / 2) / area);
        sums.fill(0);
        target++;
      }
    }
    next++;
  }

  return {
    push(first, rows, rgba) {
      for (let y = Math.max(first, top); y < Math.min(first + rows, top + side); y++) {
        if (y - top !== next) throw new RangeError(`row ${y} came where row ${top + next} was due`);
        sumColumns(rgba, 4 * ((y - first) * width + left), columns, row);
        spread();
      }
    },
    finish() {
      if (next !== side) throw new RangeError(`${side - next} of ${side} rows are missing`);
      return out;
    },
  };
}

/** The same for a picture that is whole in memory. */
export function averageByArea(
  { width, height, rgba }: Size & { readonly rgba: Uint8Array },
  square: Square,
  size: number,
): Uint8Array<ArrayBuffer> {
  const average = createAreaAverage(width, square, size);
  average.push(0, height, rgba);
  return average.finish();
}

interface Overlaps {
  /** For each target pixel the first source pixel, the number of source pixels that lie in it as a whole, and how many
   *  units of the pixels before and after them. */
  readonly first: Int32Array;
  readonly head: Int32Array;
  readonly whole: Int32Array;
  readonly tail: Int32Array;
  readonly size: number;
}

/** Which source pixels a target pixel covers: units x·side … (x + 1)·side, of which each source pixel has `size`. */
function overlaps(side: number, size: number): Overlaps {
  const [first, head, whole, tail] = [0, 1, 2, 3].map(() => new Int32Array(size));
  for (let x = 0; x < size; x++) {
    const from = x * side;
    const to = from + side;
    first[x] = Math.floor(from / size);
    const inside = Math.ceil(from / size) * size; // where the first source pixel that begins inside begins
    head[x] = Math.min(inside, to) - from;
    whole[x] = Math.max(0, Math.floor((to - inside) / size));
    tail[x] = Math.max(0, to - inside - whole[x] * size);
  }
  return { first, head, whole, tail, size };
}

/** Σ wx level for each target column and channel of the row that begins at byte `at`. */
function sumColumns(rgba: Uint8Array, at: number, columns: Overlaps, row: Float64Array): void {
  const { first, head, whole, tail, size } = columns;
  for (let x = 0; x < size; x++) {
    let p = at + 4 * first[x];
    let [r, g, b] = [0, 0, 0];
    if (head[x] > 0) {
      r = head[x] * rgba[p];
      g = head[x] * rgba[p + 1];
      b = head[x] * rgba[p + 2];
      p += 4;
    }
    let [wr, wg, wb] = [0, 0, 0];
    for (let n = whole[x]; n > 0; n--, p += 4) {
      wr += rgba[p];
      wg += rgba[p + 1];
      wb += rgba[p + 2];
    }
    r += size * wr;
    g += size * wg;
    b += size * wb;
    if (tail[x] > 0) {
      r += tail[x] * rgba[p];
      g += tail[x] * rgba[p + 1];
      b += tail[x] * rgba[p + 2];
    }
    row[3 * x] = r;
    row[3 * x + 1] = g;
    row[3 * x + 2] = b;
  }
}
