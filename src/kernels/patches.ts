import { reshape, type Tensor2D, type Tensor3D, type Tensor4D, tidy, transpose } from "@tensorflow/tfjs-core";

/** Squares of p×p pixels as rows: [B,H,W,C] → [B·(H/p)·(W/p), p·p·C], columns ordered (dy, dx, channel). The
 *  caller disposes the result. */
export function patchify(x: Tensor4D, patch: number): Tensor2D {
  return tidy(() => {
    const [batch, height, width, channels] = x.shape;
    const across = width / patch;
    // (dx, channel) is contiguous already, so a transpose of rank 4 is enough.
    const split = reshape(x, [(batch * height) / patch, patch, across, patch * channels]);
    return reshape(transpose(split, [0, 2, 1, 3]), [-1, patch * patch * channels]);
  });
}

/** The inverse of `patchify`: [B,h·w,p·p·C] → [B,h·p,w·p,C] for a square grid, h = w. The caller disposes the result. */
export function unpatchify(tokens: Tensor3D, patch: number): Tensor4D {
  return tidy(() => {
    const [batch, count, features] = tokens.shape;
    const grid = Math.round(Math.sqrt(count));
    const rows = reshape(tokens, [batch * grid, grid, patch, features / patch]);
    return reshape(transpose(rows, [0, 2, 1, 3]), [batch, grid * patch, grid * patch, -1]);
  });
}
