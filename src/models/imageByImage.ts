import { concat, slice, type Tensor4D, tidy } from "@tensorflow/tfjs-core";

/** Runs `job` on every image of a batch [B,H,W,C] on its own and stacks the results: they cannot depend on the batch,
 *  and memory stays that of one image. The caller disposes the result; what `job` leaves behind is disposed. */
export function imageByImage(batch: Tensor4D, job: (image: Tensor4D, index: number) => Tensor4D): Tensor4D {
  const [count, height, width, channels] = batch.shape;
  if (count === 1) return tidy(() => job(batch, 0));
  const one = (index: number) =>
    tidy(() => job(slice(batch, [index, 0, 0, 0], [1, height, width, channels]), index));
  return tidy(() =>
    concat(
      Array.from({ length: count }, (_, index) => one(index)),
      0,
    ),
  );
}
