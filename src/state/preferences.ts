import * as v from "valibot";

/** Choices about the page, not about the pictures; kept in local storage. */
const preferencesSchema = v.object({
  theme: v.picklist(["system", "light", "dark"]),
  /** How small pictures are enlarged. */
  enlarge: v.picklist(["crisp", "smooth"]),
  seedLocked: v.boolean(),
  /** The heavy download was agreed to on a metered connection. */
  heavyAgreed: v.boolean(),
});

export type Preferences = Readonly<v.InferOutput<typeof preferencesSchema>>;
export type Theme = Preferences["theme"];

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  enlarge: "smooth",
  seedLocked: true,
  heavyAgreed: false,
};

export const PREFERENCES_KEY = "steadyflow.preferences";

/** Total: anything but a complete record of choices gives the defaults. */
export function parsePreferences(text: string | null): Preferences {
  if (text === null) return DEFAULT_PREFERENCES;
  try {
    const parsed = v.safeParse(preferencesSchema, JSON.parse(text));
    return parsed.success ? parsed.output : DEFAULT_PREFERENCES;
  } catch {
    return DEFAULT_PREFERENCES;
  }
}

export const printPreferences = (preferences: Preferences): string => JSON.stringify(preferences);
