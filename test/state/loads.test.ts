import { expect, test } from "vitest";
import { type App, INITIAL_APP } from "#state/app.ts";
import { partsToRequest } from "#state/loads.ts";
import type { PartName } from "#workers/protocol.ts";
import { engineWith } from "./support.ts";

const app = (loaded: readonly PartName[], change: Partial<App> = {}): App => ({
  ...INITIAL_APP,
  engine: engineWith(...loaded),
  ...change,
});

test("nothing is asked of an engine that has no backend or no manifest yet", () => {
  expect(partsToRequest(INITIAL_APP)).toEqual([]);
  expect(partsToRequest({ ...app([]), engine: { ...engineWith(), manifest: null } })).toEqual([]);
});

test("decoder and light come first, heavy only after both", () => {
  expect(partsToRequest(app([]))).toEqual(["decoder", "light"]);
  expect(partsToRequest(app(["decoder"]))).toEqual(["light"]);
  expect(partsToRequest(app(["decoder", "light"]))).toEqual(["heavy"]);
  expect(partsToRequest(app(["decoder", "light", "heavy"]))).toEqual([]);
});

test("on a metered connection heavy waits for the reader's word", () => {
  expect(partsToRequest(app(["decoder", "light"], { metered: true }))).toEqual([]);
  const agreed = { ...INITIAL_APP.preferences, heavyAgreed: true };
  expect(partsToRequest(app(["decoder", "light"], { metered: true, preferences: agreed }))).toEqual([
    "heavy",
  ]);
});

test("what has failed is not asked for again by itself", () => {
  const { engine, ...rest } = app(["decoder", "light"]);
  const error = { kind: "Internal", detail: "" } as const;
  const parts = { ...engine.parts, "avatars-64/heavy": { status: "failed", error } as const };
  expect(partsToRequest({ ...rest, engine: { ...engine, parts } })).toEqual([]);
});
