import type { Timing } from "../statistics.ts";

export const ms = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;

export const spread = ({ medianMs, minMs, maxMs }: Timing): string =>
  `${ms(medianMs)} (${minMs.toFixed(1)}–${maxMs.toFixed(1)})`;

export const times = (value: number): string => `${value.toFixed(2)}×`;

/** Bytes in millions. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
