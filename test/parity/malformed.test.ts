import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeSafetensors } from "#checkpoints/safetensors.ts";
import { diskFolder } from "../../cli/parity/diskFolder.ts";
import { runMalformed } from "../../cli/parity/malformed.ts";

const corpus = join(import.meta.dirname, "../fixtures/golden/13_malformed");
const outcomes = await runMalformed(await diskFolder(corpus));

test.each(outcomes.map((outcome) => [outcome.name, outcome] as const))(
  "%s ends as expected.json says",
  (_, outcome) => {
    expect(outcome, outcome.detail).toMatchObject({ passed: true });
  },
);

describe("the judge fails a file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "malformed-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const good = writeSafetensors(new Map([["a", { dtype: "F32", shape: [1], bytes: new Uint8Array(4) }]]));
  /** The outcome for one file with this entry in the list. */
  async function judge(entry: Record<string, unknown>, bytes: Uint8Array | null) {
    const listed = { file: "x", type: "safetensors", level: "format", must_reject: false, ...entry };
    await writeFile(join(folder, "expected.json"), JSON.stringify({ files: [listed] }));
    if (bytes) await writeFile(join(folder, "x"), bytes);
    return (await runMalformed(await diskFolder(folder)))[0];
  }

  test.each([
    ["that had to be refused and loads", { must_reject: true }, good, "had to be refused"],
    ["that had to load and is refused", {}, new Uint8Array(3), "FileTooShort"],
    ["with other values than expected", { expect: { a: [1] } }, good, "a is [0], expected [1]"],
    ["without an expected tensor", { expect: { b: [1] } }, good, "b is absent"],
    [
      "that either way was right but for its values",
      { must_reject: null, expect: { a: [0, 0] } },
      good,
      "expected [0,0]",
    ],
    ["of a type that nothing reads", { type: "docx", must_reject: null }, good, "nothing here reads docx"],
    [
      "that should be weights of a network nobody named",
      { level: "model", must_reject: true },
      good,
      "nothing here reads",
    ],
    ["that is not there", {}, null, "missing"],
    ["whose entry in the list is unfit", { level: "deep" }, good, "level"],
    ["whose expectation is of a kind that nobody checks", { expect: { a: "x" } }, good, "expect.a"],
  ] as const)("%s", async (_, entry, bytes, part) => {
    expect(await judge(entry, bytes)).toMatchObject({ passed: false, detail: expect.stringContaining(part) });
  });

  test("and passes one that may go either way", async () => {
    expect(await judge({ must_reject: null }, good)).toMatchObject({ passed: true });
    expect(await judge({ must_reject: null }, new Uint8Array())).toMatchObject({ passed: true });
  });

  test("a list that is unfit is an error of its own", async () => {
    await writeFile(join(folder, "expected.json"), '{"files":[{}]}');
    await expect(runMalformed(await diskFolder(folder))).rejects.toThrow(/files.0.file/);
    await writeFile(join(folder, "expected.json"), "{");
    await expect(runMalformed(await diskFolder(folder))).rejects.toThrow(/cannot be read/);
  });
});
