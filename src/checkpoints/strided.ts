import { BYTES_PER_ELEMENT, type Dtype, elementCount, type RawTensor } from "./tensor.ts";

/** A tensor that looks at some elements of a storage: element (i, j, …) is at offset + i·strides[0] + j·strides[1] … */
export interface StridedView {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** In elements, none negative. */
  readonly strides: readonly number[];
  readonly offset: number;
  /** The storage. */
  readonly bytes: Uint8Array;
}

/** One past the last element that a view touches; 0 for a view without elements. */
export function viewEnd(shape: readonly number[], strides: readonly number[], offset: number): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((last, size, i) => last + (size - 1) * strides[i], offset) + 1;
}

/** The elements in row-major order. A view that already is row-major shares the storage, any other is copied.
 *  The caller has checked `viewEnd` against the storage and bounded the number of elements. */
export function materialise({ dtype, shape, strides, offset, bytes }: StridedView): RawTensor {
  const width = BYTES_PER_ELEMENT[dtype];
  const count = elementCount(shape) ?? 0;
  if (count === 0) return { dtype, shape, bytes: new Uint8Array() };
  if (isRowMajor(shape, strides))
    return { dtype, shape, bytes: bytes.subarray(offset * width, (offset + count) * width) };
  const out = new Uint8Array(count * width);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    out.set(bytes.subarray(from * width, (from + 1) * width), to * width);
    // The next index, like an odometer: the last axis runs fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return { dtype, shape, bytes: out };
}

/** Strides of axes of size 1 mean nothing. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
