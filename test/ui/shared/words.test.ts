import { describe, expect, test } from "vitest";
import { errorWords } from "#ui/shared/errorWords.ts";
import { aboutText, bytesText, countText, durationText } from "#ui/shared/format.ts";
import { stateWords } from "#ui/shared/stateWords.ts";
import type { EngineError, EngineState } from "#workers/protocol.ts";

/** One error a kind; the type makes a kind that is missing a compile error. */
const ERRORS: { readonly [K in EngineError["kind"]]: Extract<EngineError, { kind: K }> } = {
  NoBackend: { kind: "NoBackend", detail: "wasm is switched off" },
  ManifestUnreachable: { kind: "ManifestUnreachable", url: "models/manifest.json", detail: "404" },
  ManifestInvalid: { kind: "ManifestInvalid", url: "models/manifest.json", detail: "families: missing" },
  UnknownFamily: { kind: "UnknownFamily", family: "cats", known: ["avatars-64"] },
  DownloadFailed: {
    kind: "DownloadFailed",
    file: "heavy.safetensors",
    httpStatus: 404,
    loadedBytes: 1_000_000,
    totalBytes: 19_558_576,
    detail: "",
  },
  HashMismatch: {
    kind: "HashMismatch",
    file: "heavy.safetensors",
    expected: "a".repeat(64),
    actual: "b".repeat(64),
  },
  BadCheckpoint: { kind: "BadCheckpoint", file: "heavy.safetensors", detail: "blocks.0 is missing" },
  OwnModelMissing: { kind: "OwnModelMissing", model: "fruits-01234567" },
  InvalidJob: { kind: "InvalidJob", field: "tau", detail: "2 is outside 0 … 1" },
  NotLoaded: { kind: "NotLoaded", part: "heavy" },
  OutOfMemory: { kind: "OutOfMemory", batch: 8, suggestedBatch: 4 },
  DeviceLost: { kind: "DeviceLost", reason: "The device was reset." },
  Internal: { kind: "Internal", detail: "an index was wrong" },
};

const STATES: { readonly [K in EngineState["status"]]: Extract<EngineState, { status: K }> } = {
  probing: { status: "probing" },
  preparing: { status: "preparing", done: 3, of: 9 },
  "no-webgpu": { status: "no-webgpu", reason: "This browser has no WebGPU.", remedy: "Update it." },
  "software-adapter": { status: "software-adapter", adapter: "SwiftShader", reason: "Software only." },
  loading: { status: "loading", parts: ["decoder", "light"] },
  ready: { status: "ready" },
  busy: { status: "busy", job: 1 },
  "device-lost": { status: "device-lost", reason: "reset", restarts: 1 },
  "out-of-memory": { status: "out-of-memory", job: 1, batch: 8, suggestedBatch: 4 },
  failed: { status: "failed", error: ERRORS.ManifestUnreachable },
};

describe("errors", () => {
  test.each(Object.values(ERRORS))(
    "$kind is a title, a sentence and something to do, without a type name in it",
    (error) => {
      const { title, text } = errorWords(error);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(text.length).toBeGreaterThan(10);
      expect(`${title} ${text}`).not.toContain(error.kind);
    },
  );

  test("no two errors read the same", () => {
    const texts = Object.values(ERRORS).map((error) => errorWords(error).text);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("a cut download can be tried again and says how far it came", () => {
    const words = errorWords(ERRORS.DownloadFailed);
    expect(words.remedy).toEqual({ do: "retry-download" });
    expect(words.text).toContain("1.0 MB of 19.6 MB");
    expect(words.text).toContain("404");
  });

  test("an answer of 200 that was too short is not told as if the server had refused", () => {
    const { text } = errorWords({ ...ERRORS.DownloadFailed, httpStatus: 200, loadedBytes: 0 });
    expect(text).toContain("ended early");
    expect(text).not.toMatch(/200|is kept/);
  });

  test("running out of memory offers a smaller batch while there is one, then WebAssembly", () => {
    expect(errorWords(ERRORS.OutOfMemory).remedy).toEqual({ do: "smaller-batch", batch: 4 });
    expect(errorWords({ kind: "OutOfMemory", batch: 1, suggestedBatch: null }).remedy).toEqual({
      do: "use-wasm",
    });
  });
});

describe("states", () => {
  test.each(Object.values(STATES))("$status has words of its own", (state) => {
    const { short, text } = stateWords(state);
    expect(short.length).toBeGreaterThan(3);
    expect(text.length).toBeGreaterThan(5);
  });

  test("no two states read the same", () => {
    const texts = Object.values(STATES).map((state) => stateWords(state).text);
    expect(new Set(texts).size).toBe(texts.length);
  });

  test("no WebGPU says why and what to do, and offers WebAssembly", () => {
    const words = stateWords(STATES["no-webgpu"]);
    expect(words.text).toBe("This browser has no WebGPU. Update it.");
    expect(words.remedy).toEqual({ do: "use-wasm" });
  });
});

describe("numbers with their units", () => {
  test.each([
    [999, "999 B"],
    [4200, "4 KB"],
    [19_558_576, "19.6 MB"],
  ])("%d bytes: %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
  test.each([
    [3.4, "3 ms"],
    [840, "840 ms"],
    [3200, "3.2 s"],
    [9960, "10 s"],
    [59_700, "1 min"],
    [125_000, "2 min 5 s"],
  ])("%d ms: %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
  test.each([
    [200, "1 s"],
    [9100, "10 s"],
    [12_000, "15 s"],
    [89_000, "90 s"],
    [100_000, "2 min"],
  ])("about %d ms: %s", (ms, text) => {
    expect(aboutText(ms)).toBe(text);
  });
  test("one is not many", () => {
    expect([countText(1, "image"), countText(4, "image")]).toEqual(["1 image", "4 images"]);
  });
});
