import { expect, test } from "vitest";
import { type App, INITIAL_APP } from "#state/app.ts";
import { type Batch, batchReducer } from "#state/batch.ts";
import { partsToRequest } from "#state/loads.ts";
import type { PartName } from "#workers/protocol.ts";
import { batchOf, engineWith, imageEvent } from "./support.ts";

const app = (loaded: readonly PartName[], change: Partial<App> = {}): App => ({
  ...INITIAL_APP,
  engine: engineWith(...loaded),
  ...change,
});

/** What is asked for while that batch is there and the first two parts are loaded. */
const asksWith = (batch: Batch | null) => partsToRequest(app(["decoder", "light"], { batch }));

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

test("heavy waits until the first picture that can be drawn without it is there", () => {
  const batch = batchOf({}, { draft: true });
  expect(asksWith(batch)).toEqual([]);
  const sent = batchReducer(batch, { type: "run-sent", run: 0, job: 7 });
  expect(asksWith(sent)).toEqual([]);
  expect(asksWith(batchReducer(sent, imageEvent(7, 0, 1, "light")))).toEqual(["heavy"]);
});

test("heavy is not held up by a batch that has to have it, or that was given up", () => {
  expect(asksWith(batchOf({ model: "heavy" }))).toEqual(["heavy"]);
  expect(asksWith({ ...batchOf({}, { draft: true }), state: { status: "cancelled" } })).toEqual(["heavy"]);
});
