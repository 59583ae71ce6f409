/** A measured number with its 95 % interval. */
export interface Estimate {
  /** Mean of its blocks of seeds. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The values of the blocks. */
  readonly blocks: readonly number[];
}
