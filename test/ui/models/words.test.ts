import { expect, test } from "vitest";
import type { ImportError } from "#library/importError.ts";
import { importWords } from "#ui/models/words.ts";

const latents = { family: "avatars-64", autoencoder: null, channels: 4, size: 16, classes: 8 };

/** One of every kind; a kind that is missing does not compile. */
const ERRORS: { readonly [K in ImportError["kind"]]: Extract<ImportError, { kind: K }> } = {
  NothingToRead: { kind: "NothingToRead", files: ["notes.txt"] },
  TooLarge: { kind: "TooLarge", file: "huge.pt", bytes: 6e8, limitBytes: 5.37e8 },
  SeveralModels: { kind: "SeveralModels", files: ["a.safetensors", "b.safetensors"] },
  Unreadable: { kind: "Unreadable", file: "a.pt", detail: "It is cut." },
  ShardsDoNotFit: { kind: "ShardsDoNotFit", detail: "The shard b is missing." },
  BadDescription: { kind: "BadDescription", file: "config.json", detail: "depth: Invalid type" },
  UnknownNetwork: { kind: "UnknownNetwork", looksLike: "nothing known", tensors: 2, names: ["w", "b"] },
  ImpossibleConfig: { kind: "ImpossibleConfig", detail: "A width of 8 cannot be shared out among 3 heads." },
  WeightsDoNotFit: {
    kind: "WeightsDoNotFit",
    network: "DiT 4 × 128",
    difference: {
      kind: "WeightsMismatch",
      missing: ["pos_embed"],
      unexpected: ["extra"],
      misshapen: [{ name: "x.bias", expected: [4], actual: [3] }],
      nonFinite: [{ name: "y.bias", count: 2 }],
    },
  },
  PositionTableDiffers: { kind: "PositionTableDiffers", largestDifference: 0.5, limit: 1e-5 },
  NoFamily: { kind: "NoFamily", channels: 4, size: 32, known: [latents] },
  TooFewClasses: { kind: "TooFewClasses", family: "avatars-64", classes: 1, needed: 8 },
  BaseMissing: { kind: "BaseMissing", base: "light", detail: "There is none." },
  AlreadyHere: { kind: "AlreadyHere", id: "fruits-01234567", name: "Fruits" },
  BadAnswer: { kind: "BadAnswer", field: "name", detail: "A name has 1 to 80 characters." },
  NothingRead: { kind: "NothingRead" },
  NotKept: { kind: "NotKept", error: { kind: "Full", detail: "" } },
  NotFound: { kind: "NotFound", id: "fruits-01234567" },
  Cancelled: { kind: "Cancelled" },
  Internal: { kind: "Internal", detail: "boom" },
};

test.each(Object.values(ERRORS))("$kind is said in sentences, and tells what it knows", (error) => {
  const { title, text, lists } = importWords(error);
  expect(title).not.toMatch(/[.:]$/);
  expect(text).toMatch(/[.]$/);
  const said = [title, text, ...lists.flatMap((list) => [list.title, ...list.names])].join(" ");
  expect(said).not.toMatch(/undefined|\[object|NaN/);
  if ("detail" in error) expect(said).toContain(error.detail);
  if ("file" in error) expect(said).toContain(error.file);
  if ("base" in error) expect(said).toContain(error.base);
});

test("every name that keeps weights from fitting is listed under its own heading", () => {
  expect(importWords(ERRORS.WeightsDoNotFit).lists).toEqual([
    { title: "Missing (1)", names: ["pos_embed"] },
    { title: "Of another shape (1)", names: ["x.bias is [3], expected [4]"] },
    { title: "With numbers that are none (1)", names: ["y.bias: 2 values"] },
    { title: "Not part of this network (1)", names: ["extra"] },
  ]);
});
