import { expect, test } from "vitest";
import { threadsFor } from "#workers/browserSimd.ts";

test("half of the cores compute, two of two, and never more than four", () => {
  expect([1, 2, 3, 4, 6, 8, 64].map(threadsFor)).toEqual([1, 2, 2, 2, 3, 4, 4]);
});
