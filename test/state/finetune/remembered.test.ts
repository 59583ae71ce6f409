import { expect, test } from "vitest";
import { type Choice, INITIAL_CHOICE } from "#state/finetune/choice.ts";
import {
  NOTHING_REMEMBERED,
  parseRemembered,
  printRemembered,
  withChoice,
  withDistances,
} from "#state/finetune/remembered.ts";
import { usualSettings } from "#state/finetune/trainSettings.ts";

const chosen: Choice = { ...INITIAL_CHOICE, criterion: "Cb", overrides: new Map([[7, "keep"]]) };

test("what is printed is read again", () => {
  const remembered = withDistances(
    withChoice({ ...NOTHING_REMEMBERED, settings: usualSettings("fast") }, "set", chosen),
    new Map([["run", { drawn: 64, heldOut: 24, features: 128, kernel: -0.5, frechet: null }]]),
  );
  expect(parseRemembered(printRemembered(remembered))).toEqual(remembered);
});

test("any other text is nothing remembered, and what is wrong of one part spoils no other", () => {
  for (const text of [null, "", "{", "[]", "{}"]) expect(parseRemembered(text)).toEqual(NOTHING_REMEMBERED);
  const good = printRemembered(withChoice(NOTHING_REMEMBERED, "set", chosen));
  const spoilt = JSON.stringify({ ...JSON.parse(good), settings: { steps: -1 } });
  expect(parseRemembered(spoilt)).toEqual({ ...NOTHING_REMEMBERED, choices: new Map([["set", chosen]]) });
});

test("of many sets the last dozen are remembered, each once", () => {
  let remembered = NOTHING_REMEMBERED;
  for (let set = 0; set < 20; set++) remembered = withChoice(remembered, `${set}`, chosen);
  remembered = withChoice(remembered, "12", INITIAL_CHOICE);
  expect([...remembered.choices.keys()]).toEqual([
    "8",
    "9",
    "10",
    "11",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
    "19",
    "12",
  ]);
});
