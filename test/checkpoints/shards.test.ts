import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSafetensors, type SafetensorsFile } from "#checkpoints/safetensors.ts";
import { describeShardError, mergeShards, parseShardIndex } from "#checkpoints/shards.ts";
import type { RawTensor } from "#checkpoints/tensor.ts";

const one: RawTensor = { dtype: "F32", shape: [1], bytes: new Uint8Array(4) };
const shard = (...names: string[]): SafetensorsFile => ({
  tensors: new Map(names.map((n) => [n, one])),
  metadata: new Map([["first", names[0] ?? ""]]),
});
const index = (value: unknown) => parseShardIndex(new TextEncoder().encode(JSON.stringify(value)));
const a = "model-00001-of-00002.safetensors";
const b = "model-00002-of-00002.safetensors";
const weight_map = { x: a, y: a, z: b };

/** The index of `weight_map`, parsed. */
function goodIndex() {
  const parsed = index({ metadata: { total_size: 12 }, weight_map });
  if (!parsed.ok) throw new Error(describeShardError(parsed.error));
  return parsed.value;
}

test("an index in the Hugging Face layout says which file holds which tensor", () => {
  expect(goodIndex()).toEqual({ fileOf: new Map(Object.entries(weight_map)), files: [a, b] });
});

test("shards join into one map, with and without an index", () => {
  const shards = new Map([
    [a, shard("x", "y")],
    [b, shard("z")],
  ]);
  for (const given of [goodIndex(), undefined]) {
    const merged = mergeShards(shards, given);
    expect(merged.ok && [...merged.value.tensors.keys()]).toEqual(["x", "y", "z"]);
    expect(merged.ok && merged.value.metadata.get("first")).toBe("x");
  }
});

test("the shipped heavy model joins into 92 tensors", () => {
  const folder = join(import.meta.dirname, "../../public/models/avatars-64");
  const shards = new Map<string, SafetensorsFile>();
  const names = readdirSync(folder).filter((name) => name.startsWith("heavy-0"));
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) {
    const parsed = parseSafetensors(readFileSync(join(folder, name)));
    if (parsed.ok) shards.set(`avatars-64/${name}`, parsed.value);
  }
  const merged = mergeShards(shards);
  expect(merged.ok && merged.value.tensors.size).toBe(92);
});

describe("every way to fail has its name and a sentence", () => {
  const both = (x: SafetensorsFile, y: SafetensorsFile) =>
    new Map([
      [a, x],
      [b, y],
    ]);
  test.each([
    ["IndexNotText", parseShardIndex(Uint8Array.of(0xff))],
    ["IndexNotJson", parseShardIndex(new TextEncoder().encode("{"))],
    ["NoWeightMap", index([])],
    ["NoWeightMap", index({ weight_map: { x: 1 } })],
    ["UnsafeShardName", index({ weight_map: { x: "../a.safetensors" } })],
    ["UnsafeShardName", index({ weight_map: { x: "https://a.example/b" } })],
    ["MissingShard", mergeShards(new Map([[a, shard("x")]]))],
    ["MissingShard", mergeShards(new Map([[a, shard("x", "y")]]), goodIndex())],
    [
      "UnindexedShard",
      mergeShards(both(shard("x", "y"), shard("z")).set("other.safetensors", shard("w")), goodIndex()),
    ],
    ["MissingFromShard", mergeShards(both(shard("x"), shard("z")), goodIndex())],
    ["UnindexedTensor", mergeShards(both(shard("x", "y", "w"), shard("z")), goodIndex())],
    ["DuplicateTensor", mergeShards(both(shard("x"), shard("x")))],
  ] as const)("%s", (kind, result) => {
    expect(result).toMatchObject({ ok: false, error: { kind } });
    if (!result.ok) expect(describeShardError(result.error)).toMatch(/\.$/);
  });
});
