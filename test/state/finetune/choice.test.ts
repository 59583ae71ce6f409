import { expect, test } from "vitest";
import { INITIAL_CHOICE, indicesOf, keptMask, wantedCount, withOverride } from "#state/finetune/choice.ts";
import { CRITERIA, needsOf } from "#state/finetune/criteria.ts";
import { heldOutOf, trainedOn } from "#state/finetune/heldOut.ts";
import { jaccardTable } from "#state/finetune/jaccard.ts";
import { missingFor } from "#state/finetune/scores.ts";
import { hashOf } from "../../datasets/support.ts";

test("the reader's word goes before the criterion's, and indices beyond the set are nobody's", () => {
  const overrides = new Map([
    [1, "keep"],
    [4, "drop"],
    [9, "keep"],
  ] as const);
  const mask = keptMask(Uint32Array.of(0, 4, 7), overrides, 6);
  expect(Array.from(indicesOf(mask))).toEqual([0, 1]);
});

test("an override that is taken back leaves no trace", () => {
  const said = withOverride(new Map(), 3, "drop");
  expect([...said]).toEqual([[3, "drop"]]);
  expect(withOverride(said, 3, null).size).toBe(0);
  expect(said.size).toBe(1); // what was is not changed
});

test("a ratio keeps as many as the method says: ⌊n (1 − ratio)⌋, one at least, all without a criterion", () => {
  const by = (ratio: number) => wantedCount({ ...INITIAL_CHOICE, criterion: "G", ratio }, 24);
  expect([0, 0.5, 0.9, 0.95].map(by)).toEqual([24, 12, 2, 1]);
  expect(wantedCount({ ...INITIAL_CHOICE, ratio: 0.5 }, 24)).toBe(24);
});

test("held-out pictures follow from their pixels alone, and one picture is always left to train on", () => {
  const hashes = ["c", "a", "d", "b"];
  expect(Array.from(heldOutOf(hashes, 2))).toEqual([1, 3]);
  expect(Array.from(heldOutOf([...hashes].reverse(), 2))).toEqual([0, 2]);
  expect(Array.from(heldOutOf(hashes, 9))).toEqual([0, 1, 3]);
  expect(Array.from(heldOutOf(hashes, 0))).toEqual([]);
});

test("what is held out is not trained on", () => {
  expect(Array.from(trainedOn(Uint32Array.of(0, 1, 2, 3), Uint32Array.of(1, 3)))).toEqual([0, 2]);
});

test("held-out indices are in order also where they have more than one digit", () => {
  const hashes = Array.from({ length: 12 }, (_, i) => hashOf(i));
  expect(Array.from(heldOutOf(hashes, 11))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a criterion that nothing was measured for says what it needs", () => {
  expect(missingFor("BxL", null)).toEqual(["features", "loss"]);
  expect(missingFor("random", null)).toEqual([]);
  expect(missingFor("all", null)).toEqual([]);
  expect(CRITERIA.filter((criterion) => needsOf(criterion).length === 0)).toEqual(["random"]);
});

test("every criterion is offered once", () => {
  expect(new Set(CRITERIA).size).toBe(CRITERIA.length);
});

test("Jaccard indices fill row by row and agree with their definition", async () => {
  const selections = [Uint32Array.of(0, 1, 2), Uint32Array.of(2, 3), new Uint32Array()];
  let pauses = 0;
  let last: readonly (readonly (number | null)[])[] = [];
  for await (const table of jaccardTable(selections, 5, async () => void pauses++)) last = table;
  expect(last).toEqual([
    [1, 1 / 4, 0],
    [1 / 4, 1, 0],
    [0, 0, 1],
  ]);
  expect(pauses).toBe(0); // six pairs are done in one turn
});
