/** Where a tensor's numbers lie in the flat vector of all that is trained. */
export interface ParameterSlot {
  readonly name: string;
  /** In the engine's layout. */
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** The order of all trained numbers. Weights, moments, averages and gradients are flat vectors in this order. */
export interface ParameterLayout {
  readonly slots: ReadonlyMap<string, ParameterSlot>;
  readonly size: number;
}

/** Slots in the given order, without gaps. */
export function layoutOf(
  shapes: Iterable<readonly [name: string, shape: readonly number[]]>,
): ParameterLayout {
  const slots = new Map<string, ParameterSlot>();
  let offset = 0;
  for (const [name, shape] of shapes) {
    const size = shape.reduce((product, length) => product * length, 1);
    slots.set(name, { name, shape, offset, size });
    offset += size;
  }
  return { slots, size: offset };
}

/** The part of a flat vector that a slot names; a view. */
export const partOf = (values: Float32Array, { offset, size }: ParameterSlot): Float32Array =>
  values.subarray(offset, offset + size);
