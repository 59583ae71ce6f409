import { expect, test } from "vitest";
import { DEFAULT_PREFERENCES, parsePreferences, printPreferences } from "#state/preferences.ts";

test("choices come back as they were kept", () => {
  const chosen = { theme: "dark", enlarge: "crisp", seedLocked: false, heavyAgreed: true } as const;
  expect(parsePreferences(printPreferences(chosen))).toEqual(chosen);
});

test.each([[null], [""], ["{"], ["null"], ["[]"], ['{"theme":"pink"}']])("%s gives the defaults", (text) => {
  expect(parsePreferences(text)).toEqual(DEFAULT_PREFERENCES);
});
