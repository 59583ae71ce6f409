import { gelu4 } from "./gelu";
import { COLUMN, multiplyAdd } from "./lanes";

/** What becomes of x·W + b before it is stored. */
const enum Ending {
  Plain,
  Gelu,
  Gated,
  Added,
}

/** y = x·W + b. x in tiles of `inputs` columns, y in tiles of `outputs`; W in panels of four output columns,
 *  [outputs/4][inputs][4]; b [outputs]. `outputs` is a multiple of 4. Writes the panels from … to−1 of all `tiles`. */
export function linear(
  from: i32, to: i32, x: usize, weight: usize, bias: usize, y: usize, tiles: i32, inputs: i32, outputs: i32,
): void {
  product(Ending.Plain, from, to, x, weight, bias, y, tiles, inputs, outputs, 0, 0, 0, 1);
}

/** y = gelu(x·W + b). */
export function linearGelu(
  from: i32, to: i32, x: usize, weight: usize, bias: usize, y: usize, tiles: i32, inputs: i32, outputs: i32,
): void {
  product(Ending.Gelu, from, to, x, weight, bias, y, tiles, inputs, outputs, 0, 0, 0, 1);
}

/** y = rest + gate ⊙ (x·W + b). `rest` in tiles like y, and may be y. `rows` holds for every sample the address of its row
 *  of modulations, whose numbers lie COLUMN apart; the gates begin at byte `gate` of it. */
export function linearGated(
  from: i32, to: i32, x: usize, weight: usize, bias: usize, y: usize, tiles: i32, inputs: i32, outputs: i32,
  rest: usize, rows: usize, gate: usize, tilesPerSample: i32,
): void {
  product(Ending.Gated, from, to, x, weight, bias, y, tiles, inputs, outputs, rest, rows, gate, tilesPerSample);
}

/** y = x·W + b + table, a table of one sample's tiles that every sample gets. */
export function linearAdded(
  from: i32, to: i32, x: usize, weight: usize, bias: usize, y: usize, tiles: i32, inputs: i32, outputs: i32,
  table: usize, tilesPerSample: i32,
): void {
  product(Ending.Added, from, to, x, weight, bias, y, tiles, inputs, outputs, table, 0, 0, tilesPerSample);
}

/** Two tiles by four columns at a time: eight sums, two columns of x and a weight fill the sixteen registers of a
 *  machine without AVX-512. Unrolling the loop makes compilers spill them. A panel stays in the first cache while all
 *  tiles pass by. */
@inline
function product(
  ending: Ending, from: i32, to: i32,
  x: usize, weight: usize, bias: usize, y: usize, tiles: i32, inputs: i32, outputs: i32,
  rest: usize, rows: usize, gate: usize, tilesPerSample: i32,
): void {
  const xTile = <usize>inputs * COLUMN;
  const yTile = <usize>outputs * COLUMN;
  for (let panel = from; panel < to; panel++) {
    const weights = weight + <usize>panel * xTile;
    const biases = bias + <usize>panel * COLUMN;
    const column = <usize>panel * 4 * COLUMN;
    const bias0 = v128.load32_splat(biases);
    const bias1 = v128.load32_splat(biases, 4);
    const bias2 = v128.load32_splat(biases, 8);
    const bias3 = v128.load32_splat(biases, 12);
    for (let tile = 0; tile < tiles; tile += 2) {
      const second = min(tile + 1, tiles - 1); // a last single tile is done twice
      let x0 = x + <usize>tile * xTile;
      let x1 = x + <usize>second * xTile;
      const end = x0 + xTile;
      let w = weights;
      let sum00 = bias0, sum01 = bias1, sum02 = bias2, sum03 = bias3;
      let sum10 = bias0, sum11 = bias1, sum12 = bias2, sum13 = bias3;
      while (x0 < end) {
        const column0 = v128.load(x0);
        const column1 = v128.load(x1);
        let splat = v128.load32_splat(w);
        sum00 = multiplyAdd(column0, splat, sum00);
        sum10 = multiplyAdd(column1, splat, sum10);
        splat = v128.load32_splat(w, 4);
        sum01 = multiplyAdd(column0, splat, sum01);
        sum11 = multiplyAdd(column1, splat, sum11);
        splat = v128.load32_splat(w, 8);
        sum02 = multiplyAdd(column0, splat, sum02);
        sum12 = multiplyAdd(column1, splat, sum12);
        splat = v128.load32_splat(w, 12);
        sum03 = multiplyAdd(column0, splat, sum03);
        sum13 = multiplyAdd(column1, splat, sum13);
        x0 += COLUMN;
        x1 += COLUMN;
        w += COLUMN;
      }
      const at0 = <usize>tile * yTile + column;
      const at1 = <usize>second * yTile + column;
      if (ending == Ending.Gated) {
        const gates0 = <usize>load<u32>(rows + (<usize>(tile / tilesPerSample) << 2)) + gate + column;
        const gates1 = <usize>load<u32>(rows + (<usize>(second / tilesPerSample) << 2)) + gate + column;
        // Both are read before either is stored: when there is but one tile, they are the same.
        sum00 = gated(sum00, rest + at0, gates0);
        sum10 = gated(sum10, rest + at1, gates1);
        sum01 = gated(sum01, rest + at0 + COLUMN, gates0 + COLUMN);
        sum11 = gated(sum11, rest + at1 + COLUMN, gates1 + COLUMN);
        sum02 = gated(sum02, rest + at0 + 2 * COLUMN, gates0 + 2 * COLUMN);
        sum12 = gated(sum12, rest + at1 + 2 * COLUMN, gates1 + 2 * COLUMN);
        sum03 = gated(sum03, rest + at0 + 3 * COLUMN, gates0 + 3 * COLUMN);
        sum13 = gated(sum13, rest + at1 + 3 * COLUMN, gates1 + 3 * COLUMN);
      } else if (ending == Ending.Added) {
        const table0 = rest + <usize>(tile % tilesPerSample) * yTile + column;
        const table1 = rest + <usize>(second % tilesPerSample) * yTile + column;
        sum00 = f32x4.add(sum00, v128.load(table0));
        sum10 = f32x4.add(sum10, v128.load(table1));
        sum01 = f32x4.add(sum01, v128.load(table0 + COLUMN));
        sum11 = f32x4.add(sum11, v128.load(table1 + COLUMN));
        sum02 = f32x4.add(sum02, v128.load(table0 + 2 * COLUMN));
        sum12 = f32x4.add(sum12, v128.load(table1 + 2 * COLUMN));
        sum03 = f32x4.add(sum03, v128.load(table0 + 3 * COLUMN));
        sum13 = f32x4.add(sum13, v128.load(table1 + 3 * COLUMN));
      } else if (ending == Ending.Gelu) {
        sum00 = gelu4(sum00);
        sum10 = gelu4(sum10);
        sum01 = gelu4(sum01);
        sum11 = gelu4(sum11);
        sum02 = gelu4(sum02);
        sum12 = gelu4(sum12);
        sum03 = gelu4(sum03);
        sum13 = gelu4(sum13);
      }
      storeColumns(y + at0, sum00, sum01, sum02, sum03);
      storeColumns(y + at1, sum10, sum11, sum12, sum13);
    }
  }
}

/** rest + gate·value */
@inline
function gated(value: v128, rest: usize, gate: usize): v128 {
  return multiplyAdd(v128.load32_splat(gate), value, v128.load(rest));
}

@inline
function storeColumns(y: usize, column0: v128, column1: v128, column2: v128, column3: v128): void {
  v128.store(y, column0);
  v128.store(y, column1, 16);
  v128.store(y, column2, 32);
  v128.store(y, column3, 48);
}
