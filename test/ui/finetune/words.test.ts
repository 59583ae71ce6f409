import { expect, test } from "vitest";
import { CRITERIA } from "#state/finetune/criteria.ts";
import { scoreText } from "#ui/finetune/scoreText.ts";
import { CRITERION_WORDS, stageText, symbolText, trainerWords } from "#ui/finetune/words.ts";

test("every criterion has a name of its own and says what it keeps", () => {
  const titles = CRITERIA.map((criterion) => CRITERION_WORDS[criterion].title);
  expect(new Set(titles).size).toBe(titles.length);
  const symbols = CRITERIA.map((criterion) => symbolText(CRITERION_WORDS[criterion].symbol));
  expect(new Set(symbols).size).toBe(symbols.length);
  for (const criterion of CRITERIA) expect(CRITERION_WORDS[criterion].text).toMatch(/[.?]$/);
});

test("a stage says what, how far and how long, as far as each is known", () => {
  const stage = { phase: null, done: 0, of: 0, from: 0, since: 0, at: 0, download: null } as const;
  expect(stageText(stage)).toBe("Starting");
  expect(stageText({ ...stage, phase: "losses", done: 20, of: 100, at: 4000 })).toBe(
    "Measuring losses, 20 of 100, about 20 s left",
  );
  expect(
    stageText({ ...stage, download: { part: "encoder", loadedBytes: 500_000, totalBytes: 1_100_000 } }),
  ).toBe("Fetching the encoder, 500 KB of 1.1 MB");
});

test("errors of the trainer say what to do, with their numbers", () => {
  expect(trainerWords({ kind: "RunLocked", run: "r" }).text).toContain("one tab at a time");
  expect(
    trainerWords({ kind: "TrainingOutOfMemory", run: "r", microBatch: 16, suggestedMicroBatch: 8 }).text,
  ).toContain("With 8 at once");
  expect(
    trainerWords({ kind: "Training", problem: { kind: "Diverged", step: 7, loss: Number.NaN } }).text,
  ).toMatch(/^The loss of step 7 is NaN: lower the learning rate/);
});

test("settings that the trainer refuses are not said to be drawn with", () => {
  const { title } = trainerWords({ kind: "InvalidJob", field: "classes", detail: "twice" });
  expect(title).toBe("These settings do not go together");
});

test("scores are read at three digits, whatever their size", () => {
  expect([0.9134, 12.345, 1234.5, 0, 0.0000123, Number.NaN].map(scoreText)).toEqual([
    "0.913",
    "12.3",
    "1235",
    "0.000",
    "1.2e−5",
    "–",
  ]);
});
