import "@tensorflow/tfjs-backend-cpu";
import { memory, setBackend } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { createPartsOnDevice } from "#workers/partsOnDevice.ts";
import { tinyFamily } from "../fixtures/tinyFamily.ts";

beforeAll(() => setBackend("cpu"));

const never = () => new AbortController().signal;

/** Parts of the tiny family whose files arrive when the test says so. */
async function slowParts() {
  const { manifest, files } = await tinyFamily();
  const waiting: { arrive(): void; fail(cause: Error): void }[] = [];
  let fetches = 0;
  const parts = createPartsOnDevice(manifest, (entries) => {
    fetches++;
    const content = entries.map(({ file }) => files.get(file) ?? new Uint8Array());
    return new Promise((resolve, reject) => {
      waiting.push({ arrive: () => resolve(content), fail: reject });
    });
  });
  return { parts, fetches: () => fetches, next: () => waiting.shift() };
}

test("a part that two ask for at once is fetched once", async () => {
  const { parts, fetches, next } = await slowParts();
  const both = [1, 2].map(() => parts.load("tiny", "light", () => {}, never()));
  next()?.arrive();
  await Promise.all(both);
  expect(fetches()).toBe(1);
  expect(parts.of("tiny").light).toBeDefined();
  parts.close();
  expect(memory().numTensors).toBe(0);
});

test("when the first fetch fails, who waited for it fetches anew", async () => {
  const { parts, fetches, next } = await slowParts();
  const first = parts.load("tiny", "light", () => {}, never());
  const second = parts.load("tiny", "light", () => {}, never());
  next()?.fail(new Error("the line was cut"));
  await expect(first).rejects.toThrow("the line was cut");
  await expect.poll(fetches).toBe(2);
  next()?.arrive();
  await second;
  expect(parts.of("tiny").light).toBeDefined();
  parts.close();
});

test("who waits for another's fetch can give up", async () => {
  const { parts, next } = await slowParts();
  const first = parts.load("tiny", "light", () => {}, never());
  const waiter = new AbortController();
  const second = parts.load("tiny", "light", () => {}, waiter.signal);
  waiter.abort(new Error("not wanted any more"));
  await expect(second).rejects.toThrow("not wanted any more");
  next()?.arrive();
  await first;
  parts.close();
  expect(memory().numTensors).toBe(0);
});

test("what arrives after the end does not stay, and what was there is taken off", async () => {
  const { parts, next } = await slowParts();
  const light = parts.load("tiny", "light", () => {}, never());
  next()?.arrive();
  await light;
  const heavy = parts.load("tiny", "heavy", () => {}, never());
  parts.close();
  next()?.arrive();
  await heavy;
  expect(parts.of("tiny")).toEqual({});
  expect(memory().numTensors).toBe(0);
});

test("taking everything off says what it was, so that it can be put on another device", async () => {
  const { parts, next } = await slowParts();
  for (const part of ["light", "decoder", "embedding"] as const) {
    const load = parts.load("tiny", part, () => {}, never());
    next()?.arrive();
    await load;
  }
  expect(parts.clear()).toEqual(["light", "decoder", "embedding"].map((part) => ({ family: "tiny", part })));
  expect(memory().numTensors).toBe(0);
});
