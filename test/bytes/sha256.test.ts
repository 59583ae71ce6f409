import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { sha256, sha256Hex } from "#bytes/sha256.ts";

const reference = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

afterEach(() => vi.unstubAllGlobals());

test("the plain version agrees with the platform's at every length around a block", () => {
  for (const length of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
    expect([length, Buffer.from(sha256(bytes)).toString("hex")]).toEqual([length, reference(bytes)]);
  }
});

test("the hash is the same with and without crypto.subtle", async () => {
  const bytes = new TextEncoder().encode("abc");
  expect(await sha256Hex(bytes)).toBe(reference(bytes));
  vi.stubGlobal("crypto", {}); // what a page over plain http has
  expect(await sha256Hex(bytes)).toBe(reference(bytes));
});
