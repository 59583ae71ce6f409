import { expect, test } from "vitest";
import { STEPS } from "#state/finetune/finetune.ts";
import { parseFinetuneHash, printFinetuneHash } from "#state/finetune/hash.ts";

test("what is printed is read again", () => {
  for (const step of STEPS)
    for (const set of [null, "0mwqre1xt-wupi92a0"])
      expect(parseFinetuneHash(printFinetuneHash({ step, set }))).toEqual({ step, set });
});

test("every other address is the first step without a set", () => {
  for (const hash of [
    "",
    "#/finetune",
    "#/finetune?step=9&set=",
    "#/finetune?set=<b>&step=",
    `#/finetune?set=${"a".repeat(65)}`,
  ])
    expect(parseFinetuneHash(hash)).toEqual({ step: "pictures", set: null });
});
