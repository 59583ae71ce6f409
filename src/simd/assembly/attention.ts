import { exp4 } from "./exp";
import { COLUMN, multiplyAdd } from "./lanes";

/** softmax(q·kᵀ/√d)·v of every head, for the pairs (sample, head) from … to−1 in that order. qkv in tiles of 3·heads·d
 *  columns ordered (q|k|v, head, channel), y in tiles of heads·d columns; `tokens` rows of each sample's tiles are
 *  real, only those are attended to. `scores` has room for 8·tilesPerSample vectors for every pair. d is a multiple of 4.
 *  Queries lie in lanes, two tiles of them at a time. Source: Vaswani et al. 2017, eq. 1. */
export function attention(
  from: i32, to: i32, qkv: usize, y: usize, scores: usize, tokens: i32, tilesPerSample: i32, heads: i32, d: i32,
): void {
  const part = <usize>(heads * d) * COLUMN;
  const qkvTile = 3 * part;
  scores += <usize>(from * tilesPerSample * 8) * COLUMN; // nobody else's, whoever else is at work
  const scale = f32x4.splat(1.0 / <f32>Math.sqrt(<f64>d));
  for (let pair = from; pair < to; pair++) {
    const sample = pair / heads;
    const head = <usize>((pair % heads) * d) * COLUMN;
    const queries = qkv + <usize>(sample * tilesPerSample) * qkvTile + head;
    const keys = queries + part;
    const values = keys + part;
    const target = y + <usize>(sample * tilesPerSample) * part + head;
    for (let tile = 0; tile < tilesPerSample; tile += 2) {
      const second = min(tile + 1, tilesPerSample - 1); // a last single tile is done twice
      score(queries + <usize>tile * qkvTile, queries + <usize>second * qkvTile, keys, qkvTile, tilesPerSample, d, scores);
      const share0 = softmax(scores, tokens, scale);
      const share1 = softmax(scores + COLUMN, tokens, scale);
      mix(scores, values, qkvTile, tokens, d, share0, share1, target + <usize>tile * part, target + <usize>second * part);
    }
  }
}

/** q·k of two tiles of queries with every key: vectors 2j and 2j+1 of `scores` for key j. A tile of keys is itself a panel
 *  of four columns, as `linear` has them. */
@inline
function score(query0: usize, query1: usize, keys: usize, stride: usize, tiles: i32, d: i32, scores: usize): void {
  const length = <usize>d * COLUMN;
  for (let tile = 0; tile < tiles; tile++) {
    let q0 = query0;
    let q1 = query1;
    let k = keys + <usize>tile * stride;
    const end = q0 + length;
    const zero = f32x4.splat(0.0);
    let sum00 = zero, sum01 = zero, sum02 = zero, sum03 = zero;
    let sum10 = zero, sum11 = zero, sum12 = zero, sum13 = zero;
    while (q0 < end) {
      const column0 = v128.load(q0);
      const column1 = v128.load(q1);
      let splat = v128.load32_splat(k);
      sum00 = multiplyAdd(column0, splat, sum00);
      sum10 = multiplyAdd(column1, splat, sum10);
      splat = v128.load32_splat(k, 4);
      sum01 = multiplyAdd(column0, splat, sum01);
      sum11 = multiplyAdd(column1, splat, sum11);
      splat = v128.load32_splat(k, 8);
      sum02 = multiplyAdd(column0, splat, sum02);
      sum12 = multiplyAdd(column1, splat, sum12);
      splat = v128.load32_splat(k, 12);
      sum03 = multiplyAdd(column0, splat, sum03);
      sum13 = multiplyAdd(column1, splat, sum13);
      q0 += COLUMN;
      q1 += COLUMN;
      k += COLUMN;
    }
    const at = scores + <usize>(tile * 8) * COLUMN;
    v128.store(at, sum00);
    v128.store(at, sum10, 16);
    v128.store(at, sum01, 32);
    v128.store(at, sum11, 48);
    v128.store(at, sum02, 64);
    v128.store(at, sum12, 80);
    v128.store(at, sum03, 96);
    v128.store(at, sum13, 112);
  }
}

/** Turns every second vector of `scores` into e^(scale·(score − the largest)); 1 over their sum is the result. */
@inline
function softmax(scores: usize, tokens: i32, scale: v128): v128 {
  const end = scores + <usize>(tokens * 2) * COLUMN;
  let largest = v128.load(scores);
  for (let at = scores; at < end; at += 2 * COLUMN) largest = f32x4.max(largest, v128.load(at));
  let total = f32x4.splat(0.0);
  for (let at = scores; at < end; at += 2 * COLUMN) {
    const share = exp4(f32x4.mul(f32x4.sub(v128.load(at), largest), scale));
    v128.store(at, share);
    total = f32x4.add(total, share);
  }
  return f32x4.div(f32x4.splat(1.0), total);
}

/** Σ_j share_j·v_j of two tiles of queries, four channels at a time. */
@inline
function mix(
  scores: usize, values: usize, stride: usize, tokens: i32, d: i32, share0: v128, share1: v128, y0: usize, y1: usize,
): void {
  const zero = f32x4.splat(0.0);
  for (let channel = 0; channel < d; channel += 4) {
    const column = <usize>channel * COLUMN;
    let sum00 = zero, sum01 = zero, sum02 = zero, sum03 = zero;
    let sum10 = zero, sum11 = zero, sum12 = zero, sum13 = zero;
    let tile = values + column;
    let at = scores;
    const end = scores + <usize>(tokens * 2) * COLUMN;
    while (at < end) {
      const last = min(at + 8 * COLUMN, end);
      let v = tile;
      while (at < last) {
        const column0 = v128.load(at);
        const column1 = v128.load(at, 16);
        let splat = v128.load32_splat(v);
        sum00 = multiplyAdd(column0, splat, sum00);
        sum10 = multiplyAdd(column1, splat, sum10);
        splat = v128.load32_splat(v, 16);
        sum01 = multiplyAdd(column0, splat, sum01);
        sum11 = multiplyAdd(column1, splat, sum11);
        splat = v128.load32_splat(v, 32);
        sum02 = multiplyAdd(column0, splat, sum02);
        sum12 = multiplyAdd(column1, splat, sum12);
        splat = v128.load32_splat(v, 48);
        sum03 = multiplyAdd(column0, splat, sum03);
        sum13 = multiplyAdd(column1, splat, sum13);
        at += 2 * COLUMN;
        v += 4; // the next key's lane
      }
      tile += stride;
    }
    v128.store(y0 + column, f32x4.mul(sum00, share0));
    v128.store(y0 + column, f32x4.mul(sum01, share0), 16);
    v128.store(y0 + column, f32x4.mul(sum02, share0), 32);
    v128.store(y0 + column, f32x4.mul(sum03, share0), 48);
    v128.store(y1 + column, f32x4.mul(sum10, share1));
    v128.store(y1 + column, f32x4.mul(sum11, share1), 16);
    v128.store(y1 + column, f32x4.mul(sum12, share1), 32);
    v128.store(y1 + column, f32x4.mul(sum13, share1), 48);
  }
}
