import { COLUMN, multiplyAdd } from "./lanes";

/** y = (x − mean)/√(variance + 1e-6) ⊙ (1 + scale) + shift, row by row over `width` columns, of the tiles from … to−1.
 *  `rows` holds for every sample the address of its row of modulations, whose numbers lie COLUMN apart; shifts and
 *  scales begin at those bytes of it. Source: Peebles and Xie 2023, arXiv 2212.09748, §3.2 (adaLN). */
export function modulatedLayerNorm(
  from: i32,
  to: i32,
  x: usize,
  y: usize,
  width: i32,
  rows: usize,
  shift: usize,
  scale: usize,
  tilesPerSample: i32,
): void {
  const tileBytes = <usize>width * COLUMN;
  const one = f32x4.splat(1.0);
  const perColumn = f32x4.splat(1.0 / <f32>width);
  for (let tile = from; tile < to; tile++) {
    const start = x + <usize>tile * tileBytes;
    const end = start + tileBytes;
    let total = f32x4.splat(0.0);
    for (let at = start; at < end; at += COLUMN) total = f32x4.add(total, v128.load(at));
    const mean = f32x4.mul(total, perColumn);
    let squares = f32x4.splat(0.0);
    for (let at = start; at < end; at += COLUMN) {
      const distance = f32x4.sub(v128.load(at), mean);
      squares = multiplyAdd(distance, distance, squares);
    }
    const deviation = f32x4.sqrt(f32x4.add(f32x4.mul(squares, perColumn), f32x4.splat(1e-6)));
    const factor = f32x4.div(one, deviation);
    const row = <usize>load<u32>(rows + ((<usize>(tile / tilesPerSample)) << 2));
    let shifts = row + shift;
    let scales = row + scale;
    let target = y + <usize>tile * tileBytes;
    for (let at = start; at < end; at += COLUMN) {
      const normal = f32x4.mul(f32x4.sub(v128.load(at), mean), factor);
      v128.store(target, multiplyAdd(normal, f32x4.add(one, v128.load32_splat(scales)), v128.load32_splat(shifts)));
      shifts += COLUMN;
      scales += COLUMN;
      target += COLUMN;
    }
  }
}
