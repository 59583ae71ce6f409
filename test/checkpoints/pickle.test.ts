import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describePickleError, readPickle } from "#checkpoints/pickle.ts";
import { readZip, readZipEntry } from "#checkpoints/zip.ts";
import { survivesEveryByte, survivesMutations } from "../bytes/mutations.ts";
import { call, dict, global, int, none, pickle, text, tuple } from "./pickleBytes.ts";

const allowed = new Map([
  ["good.f", "call"],
  ["good.name", "name"],
] as const);
const read = (...parts: number[][]) => readPickle(pickle(...parts), allowed);

describe("values", () => {
  test.each([
    ["None, True, False", tuple(none, [0x88], [0x89]), [null, true, false]],
    ["integers", tuple(int(-5), [0x4b, 200], [0x4d, 0xff, 0xff]), [-5, 200, 65535]],
    [
      "long integers",
      tuple([0x8a, 0], [0x8a, 1, 0xff], [0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
      [0, -1, 2n ** 64n],
    ],
    ["a float", tuple([0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), [1.5]],
    ["texts", tuple(text("é"), [0x55, 1, 0x61], [0x54, 1, 0, 0, 0, 0x62]), ["é", "a", "b"]],
    ["bytes", tuple([0x43, 2, 7, 8], [0x42, 1, 0, 0, 0, 9]), [Uint8Array.of(7, 8), Uint8Array.of(9)]],
    [
      "remembered values",
      tuple([...text("x"), 0x71, 3], [0x68, 3], [...text("y"), 0x72, 0, 1, 0, 0], [0x6a, 0, 1, 0, 0]),
      ["x", "x", "y", "y"],
    ],
    ["what was thrown away", tuple(int(1), [...int(2), 0x30], [0x28, ...int(3), 0x31]), [1]],
  ] as const)("%s", (_, part, items) => {
    expect(read([...part])).toEqual({ ok: true, value: { py: "tuple", items } });
  });

  test("lists, dicts and calls are data; a call runs nothing", () => {
    expect(read([0x5d, ...int(1), 0x61, 0x28, ...int(2), ...int(3), 0x65])).toEqual({
      ok: true,
      value: { py: "list", items: [1, 2, 3] },
    });
    expect(read(dict({ __proto__: int(1), a: int(2) }))).toMatchObject({ ok: true, value: { py: "dict" } });
    expect(
      read([...call(global("good", "f"), int(1)), ...text("k"), ...int(2), 0x73, ...none, 0x62]),
    ).toEqual({
      ok: true,
      value: { py: "call", name: "good.f", args: [1], entries: new Map([["k", 2]]) },
    });
    expect(Reflect.get({}, "a")).toBeUndefined();
  });
});

describe("every way to fail has its name and a sentence", () => {
  test.each([
    ["PickleTruncated", Uint8Array.of(0x80)],
    ["PickleTruncated", Uint8Array.of(0x80, 2)],
    ["PickleTruncated", pickle([0x58, 0xff, 0xff, 0xff, 0xff])],
    ["PickleTruncated", pickle([0x63, 0x61])],
    ["ProtocolRefused", Uint8Array.of(0x80, 0)],
    ["ProtocolRefused", Uint8Array.of(0x80, 4)],
    ["OpcodeRefused", pickle([0x69])], // INST
    ["OpcodeRefused", pickle([0x93])], // STACK_GLOBAL
    ["OpcodeRefused", pickle([0x82, 1])], // EXT1
    ["OpcodeRefused", pickle([0x32])], // DUP
    ["GlobalRefused", pickle(global("os", "system"))],
    ["GlobalRefused", pickle(tuple(int(1), dict({ a: call(global("builtins", "eval"), text("1")) })))],
    ["GlobalRefused", pickle([...global("posix", "system"), 0x30], none)], // also when it is thrown away
    ["CallRefused", pickle(call(global("good", "name")))],
    ["CallRefused", pickle([...global("good", "name"), 0x29, 0x81])],
    ["PickleDamaged", pickle()],
    ["PickleDamaged", pickle([0x74])],
    ["PickleDamaged", pickle([0x28, 0x30])],
    ["PickleDamaged", pickle(int(1), [0x28, 0x71, 0])],
    ["PickleDamaged", pickle([0x68, 1])],
    ["PickleDamaged", pickle(int(1), int(2), [0x61])],
    ["PickleDamaged", pickle(int(1), int(2), int(3), [0x73])],
    ["PickleDamaged", pickle([0x7d, 0x28, ...int(1), 0x75])],
    ["PickleDamaged", pickle([...global("good", "f"), ...int(1), 0x52])],
    ["PickleDamaged", pickle([...text("f"), 0x29, 0x52])],
    ["PickleDamaged", pickle([0x58, 1, 0, 0, 0, 0xff])],
  ] as const)("%s", (kind, bytes) => {
    const result = readPickle(bytes, allowed);
    expect(result).toMatchObject({ ok: false, error: { kind } });
    if (!result.ok) expect(describePickleError(result.error)).toMatch(/\.$/);
  });

  test("the refused name is in the error", () => {
    expect(readPickle(pickle(global("os", "system")), allowed)).toMatchObject({
      error: { name: "os.system" },
    });
  });
});

describe("damaged pickles never throw, hang or balloon", () => {
  const golden = join(import.meta.dirname, "../fixtures/golden");
  const pickleOf = (file: string) => {
    const archive = readZip(readFileSync(join(golden, file)));
    const entry = archive.ok
      ? [...archive.value.values()].find((e) => e.name.endsWith("data.pkl"))
      : undefined;
    const bytes = entry && readZipEntry(entry);
    if (!bytes?.ok) throw new Error(file);
    return bytes.value;
  };
  const everything = new Map(
    [
      "collections.OrderedDict",
      "torch._utils._rebuild_tensor_v2",
      "torch.FloatStorage",
      "argparse.Namespace",
    ].map((n) => [n, "call" as const]),
  );
  const parse = (bytes: Uint8Array) => !readPickle(bytes, everything).ok;
  const samples = ["12_checkpoint.pt", "12_state_dict_only.pt", "13_malformed/pt_ok.pt"].map(pickleOf);

  test("random mutations", () => expect(survivesMutations(samples, parse)).toBeGreaterThan(100));
  test("each byte of a small one", () => survivesEveryByte(samples[2], parse));
});
