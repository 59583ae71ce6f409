/** Element types a checkpoint may store, by their safetensors name. */
export type Dtype = keyof typeof BYTES_PER_ELEMENT;

export const BYTES_PER_ELEMENT = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

/** A tensor as stored: row-major, little-endian, `bytes.length` = elements × bytes an element.
 *  `bytes` may be a view of the file it came from, so keeping one keeps the file. */
export interface RawTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export type TensorMap = ReadonlyMap<string, RawTensor>;

export const isDtype = (name: string): name is Dtype => Object.hasOwn(BYTES_PER_ELEMENT, name);

/** Product of the sizes, 1 for a scalar; null when a product on the way passes 2⁵³ − 1. */
export function elementCount(shape: readonly number[]): number | null {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (count > Number.MAX_SAFE_INTEGER) return null;
  }
  return count;
}
