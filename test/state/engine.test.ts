import { expect, test } from "vitest";
import { type EngineView, engineReducer, INITIAL_ENGINE, missingParts, partStatus } from "#state/engine.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { SHIPPED } from "./support.ts";

type Event = Parameters<typeof engineReducer>[1];
const after = (...events: readonly Event[]): EngineView => events.reduce(engineReducer, INITIAL_ENGINE);

const requested: Event = { type: "load-requested", id: 1, family: "f", parts: ["heavy"] };
const bytes = (loadedBytes: number): EngineEvent => ({
  type: "download",
  id: 1,
  part: "heavy",
  loadedBytes,
  totalBytes: 100,
  fromCache: false,
});

test("a part goes from absent over requested and downloading to loaded", () => {
  expect(partStatus(after(), "f", "heavy")).toEqual({ status: "absent" });
  expect(partStatus(after(requested), "f", "heavy")).toEqual({ status: "requested" });
  expect(partStatus(after(requested, bytes(40)), "f", "heavy")).toEqual({
    status: "downloading",
    loadedBytes: 40,
    totalBytes: 100,
    fromCache: false,
  });
  expect(
    partStatus(
      after(requested, bytes(100), { type: "loaded", id: 1, family: "f", parts: ["heavy"] }),
      "f",
      "heavy",
    ),
  ).toEqual({ status: "loaded" });
});

test("a failed load keeps its error until it is asked for again", () => {
  const error = {
    kind: "DownloadFailed",
    file: "h",
    httpStatus: 404,
    loadedBytes: 40,
    totalBytes: 100,
    detail: "",
  } as const;
  const failed = after(requested, bytes(40), { type: "failed", id: 1, error, tensors: 0 });
  expect(partStatus(failed, "f", "heavy")).toEqual({ status: "failed", error });
  expect(failed.loads).toEqual({});
  expect(partStatus(engineReducer(failed, { ...requested, id: 2 }), "f", "heavy")).toEqual({
    status: "requested",
  });
});

test("a load that ends badly does not take away what is loaded", () => {
  const both: Event = { type: "load-requested", id: 2, family: "f", parts: ["light", "heavy"] };
  const loaded = after(requested, { type: "loaded", id: 1, family: "f", parts: ["heavy"] }, both, {
    type: "cancelled",
    id: 2,
    tensors: 0,
  });
  expect(missingParts(loaded, "f", ["light", "heavy"])).toEqual(["light"]);
});

test("bytes of a load that nobody asked for change nothing", () => {
  expect(after(bytes(10))).toBe(INITIAL_ENGINE);
});

test("a new engine has nothing loaded but the manifest is still known", () => {
  const before = after(
    requested,
    { type: "loaded", id: 1, family: "f", parts: ["heavy"] },
    { type: "manifest", manifest: { format: 1, families: [] } },
  );
  const restarted = engineReducer(before, { type: "engine-restarted" });
  expect(missingParts(restarted, "f", ["heavy"])).toEqual(["heavy"]);
  expect(restarted.manifest).toBe(before.manifest);
  expect(restarted.state).toEqual({ status: "probing" });
});

test("a model that is gone from the manifest is no longer loaded: under the same name it would have to come again", () => {
  const [family] = SHIPPED.families;
  const models = [
    ...family.models,
    { ...family.models[0], name: "fruits-01234567", role: "variant" as const },
  ];
  const parts = ["light", "decoder", "model:fruits-01234567"] as const;
  const loaded = after(
    { type: "manifest", manifest: { ...SHIPPED, families: [{ ...family, models }] } },
    { type: "load-requested", id: 1, family: family.name, parts },
    { type: "loaded", id: 1, family: family.name, parts },
  );
  const gone = engineReducer(loaded, { type: "manifest", manifest: SHIPPED });
  expect(missingParts(loaded, family.name, parts)).toEqual([]);
  expect(missingParts(gone, family.name, parts)).toEqual(["model:fruits-01234567"]);
});
