/** What a number field takes. */
export interface NumberLimits {
  readonly min: number;
  readonly max: number;
  /** Whole numbers only. */
  readonly whole: boolean;
}

/** The number that the text is, or null when it is none within the limits. */
export function numberWithin(text: string, { min, max, whole }: NumberLimits): number | null {
  const number = Number(text);
  const fits = number >= min && number <= max && (!whole || Number.isSafeInteger(number));
  return text.trim() !== "" && fits ? number : null;
}

/** The number within the limits that is nearest to what the text says, or null when it says no number. */
export function nearestWithin(text: string, { min, max, whole }: NumberLimits): number | null {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) return null;
  return Math.min(max, Math.max(min, whole ? Math.round(number) : number));
}
