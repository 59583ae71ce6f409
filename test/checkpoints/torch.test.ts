import { readFileSync } from "node:fs";
import { join } from "node:path";
import { strToU8 } from "fflate";
import { describe, expect, test } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import { parseSafetensors } from "#checkpoints/safetensors.ts";
import { describeTorchError, parseTorch, type TorchCheckpoint } from "#checkpoints/torch.ts";
import { survivesEveryByte, survivesMutations } from "../bytes/mutations.ts";
import {
  call,
  dict,
  floats,
  global,
  int,
  no,
  none,
  storage,
  tensor,
  text,
  torchFile,
  tuple,
} from "./pickleBytes.ts";

const golden = join(import.meta.dirname, "../fixtures/golden");
const fixture = (name: string) => readFileSync(join(golden, name));

/** The checkpoint, or a failed test with the error's sentence. */
function checkpoint(bytes: Uint8Array): TorchCheckpoint {
  const parsed = parseTorch(bytes);
  if (!parsed.ok) throw new Error(describeTorchError(parsed.error));
  return parsed.value;
}

/** Shape and values of a tensor. */
function valuesOf(
  { tensors }: Pick<TorchCheckpoint, "tensors">,
  name: string,
): [readonly number[], number[]] {
  const raw = tensors.get(name);
  if (!raw) throw new Error(`no ${name}`);
  return [raw.shape, [...toFloat32(raw)]];
}

const safetensors = (name: string) => {
  const parsed = parseSafetensors(fixture(name));
  if (!parsed.ok) throw new Error(name);
  return parsed.value;
};

describe("golden checkpoints", () => {
  test("of {model, ema, args, config} the ema is taken, and the config read", () => {
    const read = checkpoint(fixture("12_checkpoint.pt"));
    const expected = safetensors("12_model_f32.safetensors");
    expect(read.source).toBe("ema");
    expect([...read.tensors.keys()].sort()).toEqual([...expected.tensors.keys()].sort());
    for (const name of read.tensors.keys())
      expect([name, valuesOf(read, name)]).toEqual([name, valuesOf(expected, name)]);
    expect(read.config).toBeInstanceOf(Map);
  });

  test("a bare state dict is taken as it is", () => {
    const read = checkpoint(fixture("12_state_dict_only.pt"));
    const expected = safetensors("12_model_f32.safetensors");
    expect(read).toMatchObject({ source: "bare", skipped: [], config: null });
    for (const name of expected.tensors.keys())
      expect(valuesOf(read, name)).toEqual(valuesOf(expected, name));
  });

  test("strides, offsets, shared storages, scalars, integers, halves and empty tensors come out right", () => {
    const read = checkpoint(fixture("12_strided_storage.pt"));
    expect(valuesOf(read, "view")).toEqual(
      valuesOf(safetensors("12_containers.safetensors"), "out.strided_view"),
    );
    expect(valuesOf(read, "alias")).toEqual([[8, 8], Array.from({ length: 64 }, (_, i) => i)]);
    expect(valuesOf(read, "scalar")).toEqual([[], [3.5]]);
    expect(valuesOf(read, "long")).toEqual([[5], [0, 1, 2, 3, 4]]);
    expect(read.tensors.get("half")?.dtype).toBe("F16");
    expect(valuesOf(read, "empty")).toEqual([[0, 4], []]);
  });

  test("an _extra_state that is no tensor is reported, not dropped without a word", () => {
    const read = checkpoint(fixture("13_malformed/pt_extra_state.pt"));
    expect(read.skipped).toEqual([expect.stringContaining("_extra_state")]);
    expect(valuesOf(read, "a")).toEqual([[2], [1, 1]]);
  });
});

describe("what is chosen", () => {
  const one = (value: number, key: string) => ({ [key]: floats(value) });
  const weights = (key: string) => dict({ w: tensor(storage(key, 1), [1], [1]) });
  test("ema before model before state_dict before the dict itself; an empty one is passed over", () => {
    const storages = { ...one(1, "0"), ...one(2, "1"), ...one(3, "2") };
    const all = { state_dict: weights("2"), model: weights("1"), ema: weights("0") };
    expect(checkpoint(torchFile(dict(all), storages))).toMatchObject({ source: "ema" });
    expect(checkpoint(torchFile(dict({ ...all, ema: none }), storages))).toMatchObject({ source: "model" });
    const third = checkpoint(torchFile(dict({ ...all, ema: dict({}), model: text("DiT") }), storages));
    expect(third.source).toBe("state_dict");
    expect(valuesOf(third, "w")).toEqual([[1], [3]]);
  });

  test("an entry that is asked for is taken or missed, never replaced by another", () => {
    const storages = { ...one(1, "0"), ...one(2, "1") };
    const file = torchFile(dict({ ema: weights("0"), model: weights("1") }), storages);
    const raw = parseTorch(file, "model");
    if (!raw.ok) throw new Error(raw.error.kind);
    expect(valuesOf(raw.value, "w")).toEqual([[1], [2]]);
    expect(parseTorch(file, "state_dict")).toMatchObject({ ok: false, error: { kind: "NoTensors" } });
  });

  test("parameters are unwrapped, inert objects of the training script are left alone", () => {
    const parameter = call(
      global("torch._utils", "_rebuild_parameter"),
      tensor(storage("0", 1), [1], [1]),
      no,
      none,
    );
    const args = [...global("argparse", "Namespace"), 0x29, 0x81, ...dict({ lr: int(1) }), 0x62];
    expect(
      valuesOf(checkpoint(torchFile(dict({ model: dict({ w: parameter }), args }), one(7, "0"))), "w"),
    ).toEqual([[1], [7]]);
  });

  test("a config of plain values is read; what is no plain value is null; __proto__ is a key", () => {
    const config = dict({
      size: int(4),
      names: tuple(text("a"), none),
      device: call(global("torch", "device"), text("cpu")),
      ["__proto__"]: int(1),
    });
    const read = checkpoint(torchFile(dict({ model: weights("0"), config }), one(1, "0")));
    expect(read.config).toEqual(
      new Map<string, unknown>([
        ["size", 4],
        ["names", ["a", null]],
        ["device", null],
        ["__proto__", 1],
      ]),
    );
  });

  test("a config that contains itself ends", () => {
    const loop = [0x5d, 0x71, 9, 0x68, 9, 0x61]; // a list, remembered, with itself appended
    expect(
      checkpoint(torchFile(dict({ model: weights("0"), config: loop }), one(1, "0"))).config,
    ).toBeInstanceOf(Array);
  });

  test("row-major tensors share the file's bytes", () => {
    const file = torchFile(weights("0"), one(1, "0"));
    expect(checkpoint(file).tensors.get("w")?.bytes.buffer).toBe(file.buffer);
  });

  test("a deflated archive reads the same", () => {
    expect(valuesOf(checkpoint(torchFile(weights("0"), one(5, "0"), {}, 9)), "w")).toEqual([[1], [5]]);
  });
});

describe("every way to fail has its name and a sentence", () => {
  const four = { "0": floats(1, 2, 3, 4) };
  const w = (value: number[]) => dict({ w: value });
  test.each([
    ["BadArchive", fixture("13_malformed/pt_not_zip.pt")],
    ["BadArchive", fixture("13_malformed/pt_truncated.pt")],
    ["BadArchive", fixture("13_malformed/pt_deflate_bomb.pt")],
    ["BadArchive", fixture("13_malformed/pt_bad_crc.pt")],
    ["NoPickle", fixture("13_malformed/zip_ok.zip")],
    ["BadPickle", fixture("13_malformed/pt_os_system.pt")],
    ["BadPickle", fixture("13_malformed/pt_builtins_eval_nested.pt")],
    [
      "BigEndian",
      torchFile(w(tensor(storage("0", 4), [4], [1])), four, { "archive/byteorder": strToU8("big") }),
    ],
    ["NoTensors", torchFile(dict({ a: int(1) }))],
    ["NoTensors", torchFile(int(1))],
    ["BadTensor", torchFile(w(tensor(storage("0", 4), [-1], [1])), four)],
    ["BadTensor", torchFile(w(tensor(storage("0", 4), [2], [-1])), four)],
    ["BadTensor", torchFile(w(tensor(storage("0", 4), [2], [1], -1)), four)],
    ["BadTensor", torchFile(w(tensor(storage("0", 4), [2, 2], [1])), four)],
    ["BadTensor", torchFile(w(tensor(storage("0", 4), [2 ** 30, 2 ** 30], [0, 0])), four)],
    ["BadTensor", torchFile(w(tensor(text("0"), [4], [1])), four)],
    ["BadTensor", torchFile(w(tensor(storage("0", -4), [4], [1])), four)],
    [
      "BadTensor", // a parameter of no tensor, beside a sound tensor
      torchFile(
        dict({
          a: tensor(storage("0", 4), [4], [1]),
          b: call(global("torch._utils", "_rebuild_parameter"), int(1)),
        }),
        four,
      ),
    ],
    ["NoTensors", torchFile([0x7d, ...int(1), ...tensor(storage("0", 4), [4], [1]), 0x73], four)], // under a number
    ["MissingStorage", fixture("13_malformed/pt_missing_storage.pt")],
    ["StorageSize", fixture("13_malformed/pt_short_storage.pt")],
    ["StorageSize", torchFile(w(tensor(storage("0", 3), [3], [1])), four)],
    ["StorageSize", torchFile(w(tensor(storage("0", 4, "HalfStorage"), [4], [1])), four)],
    ["ViewOutOfBounds", fixture("13_malformed/pt_view_out_of_bounds.pt")],
    ["ViewOutOfBounds", torchFile(w(tensor(storage("0", 4), [2, 2], [3, 1])), four)],
    ["ViewOutOfBounds", torchFile(w(tensor(storage("0", 4), [], [], 4)), four)],
    ["TensorsTooLarge", torchFile(w(tensor(storage("0", 4), [2 ** 30], [0])), four)],
  ] as const)("%s", (kind, bytes) => {
    const parsed = parseTorch(bytes);
    expect(parsed).toMatchObject({ ok: false, error: { kind } });
    if (!parsed.ok) expect(describeTorchError(parsed.error)).toMatch(/\.$/);
  });
});

describe("damaged checkpoints never throw, hang or balloon", () => {
  const parse = (bytes: Uint8Array) => !parseTorch(bytes).ok;
  test("random mutations", () => {
    const samples = [
      "13_malformed/pt_ok.pt",
      "13_malformed/pt_extra_state.pt",
      "12_strided_storage.pt",
      "13_malformed/pt_model_ok.pt",
    ].map(fixture);
    expect(survivesMutations(samples, parse)).toBeGreaterThan(250);
  });
  test("mutations of the pickle inside a sound archive", () => {
    const root = dict({
      ema: dict({ w: tensor(storage("0", 4), [2, 2], [1, 2]) }),
      config: dict({ a: int(1) }),
    });
    const wrap = (bytes: Uint8Array) => torchFile([...bytes], { "0": floats(1, 2, 3, 4) });
    expect(survivesMutations([Uint8Array.from(root)], (bytes) => parse(wrap(bytes)))).toBeGreaterThan(100);
  });
  test("each byte of a small file", () => survivesEveryByte(fixture("13_malformed/pt_ok.pt"), parse));
});
