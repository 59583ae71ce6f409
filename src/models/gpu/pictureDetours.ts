import {
  add,
  image,
  moments,
  mul,
  reshape,
  rsqrt,
  slice,
  stack,
  sub,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tile,
} from "@tensorflow/tfjs-core";
import { READINGS } from "#gpu/convolution.ts";
import { vectors } from "#gpu/kernel.ts";
import type { GpuKernelName } from "#gpu/names.ts";
import { conv2d } from "#kernels/conv2d.ts";
import { silu } from "#kernels/silu.ts";
import { type Composition, fourfoldAt, read, write } from "./composition.ts";

/** Of the decoder. */
export const PICTURE_DETOURS: Readonly<Partial<Record<GpuKernelName, Composition>>> = {
  groupStatistics({
    buffers: [x, statistics],
    whole: [pixels, channels, groups],
    real: [eps] = [],
    workgroups,
  }) {
    const images = workgroups[1] ?? 1;
    const { mean, variance } = moments(
      read<Tensor4D>(x, [images, pixels, groups, channels / groups]),
      [1, 3],
    );
    write(stack([mean, rsqrt(add(variance, eps))], 2), statistics); // [B,G,2]
  },

  convolution({
    buffers: [x, statistics, factors, weight, bias, y],
    whole,
    real: [, kept] = [],
    workgroups,
  }) {
    const [height, width, inputs, outputs, size, shift, reading, members, adds] = whole.map(fourfoldAt(2));
    const images = workgroups[2] ?? 1;
    let picture: Tensor4D = read(x, [images, height >> shift, width >> shift, inputs]);
    if (reading !== READINGS.plain) {
      const groups = inputs / members;
      const both: Tensor3D = read(statistics, [images, groups, 2]);
      const moment = (which: number): Tensor4D =>
        reshape(tile(slice(both, [0, 0, which], [images, groups, 1]), [1, 1, members]), [
          images,
          1,
          1,
          inputs,
        ]);
      const factor = (which: number): Tensor1D =>
        reshape(slice(read<Tensor2D>(factors, [2, inputs]), [which, 0], [1, inputs]), [inputs]);
      picture = add(mul(sub(picture, moment(0)), mul(moment(1), factor(0))), factor(1));
    }
    if (reading === READINGS.active) picture = silu(picture);
    if (shift === 1) picture = image.resizeNearestNeighbor(picture, [height, width]);
    const whole4: Tensor4D = read(weight, [size, size, inputs, 4 * vectors(outputs)]);
    const filter = slice(whole4, [0, 0, 0, 0], [size, size, inputs, outputs]);
    const v = conv2d.reference(picture, filter, read(bias, [outputs]));
    const before = (): Tensor4D => read(y, [images, height, width, outputs]);
    write(adds === 1 ? add(mul(before(), kept), v) : v, y);
  },
};
