import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseSafetensors, writeSafetensors } from "#checkpoints/safetensors.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";
import { diskFolder } from "../../cli/parity/diskFolder.ts";
import { runMalformed } from "../../cli/parity/malformed.ts";

const corpus = join(import.meta.dirname, "../fixtures/golden/13_malformed");
await nodeBackends.open("cpu"); // files of level model become networks
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

  test("that is another network's by its position table alone, unless it is refused", async () => {
    const list = JSON.parse(await readFile(join(corpus, "expected.json"), "utf8"));
    const parsed = parseSafetensors(await readFile(join(corpus, "st_model_ok.safetensors")));
    const tensors = new Map(parsed.ok ? parsed.value.tensors : []);
    const table = tensors.get("pos_embed");
    if (!table) throw new Error("the model of the corpus has a position table");
    tensors.set("pos_embed", { ...table, bytes: new Uint8Array(table.bytes.length) });
    const files = [{ file: "x", type: "safetensors", level: "model", must_reject: true }];
    await writeFile(join(folder, "expected.json"), JSON.stringify({ model: list.model, files }));
    await writeFile(join(folder, "x"), writeSafetensors(tensors));
    expect(await runMalformed(await diskFolder(folder))).toMatchObject([
      { passed: true, detail: expect.stringContaining("PositionTableDiffers") },
    ]);
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
