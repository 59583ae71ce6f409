import type { Estimate } from "./schema.ts";

/** A number with as many digits as its size needs: 1,234 · 12.3 · 1.23 · 0.0123. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.1 || size === 0) return value.toFixed(2);
  return value.toPrecision(2);
}

/** Three decimals, for shares and cosines, where 0.95 and 0.954 differ. */
export const fine = (value: number): string => value.toFixed(3);

/** "1.23 [1.10, 1.36]": a measured value with its 95 % interval. */
export const interval = ({ value, low, high }: Estimate, print = number): string =>
  `${print(value)} [${print(low)}, ${print(high)}]`;

/** A share as "97.3 %". */
export const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** Bytes as "1.9 MB" (10⁶ bytes). */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** 1,250,000 as "1.25 million", 96,000 as "96,000". */
export const amount = (value: number): string =>
  value >= 1e6 ? `${number(value / 1e6)} million` : Math.round(value).toLocaleString("en-US");
