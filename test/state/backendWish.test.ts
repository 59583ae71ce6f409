import { expect, test } from "vitest";
import { BACKENDS, parseBackendWish } from "#state/backendWish.ts";

test.each(BACKENDS)("?backend=%s forces it", (name) => {
  expect(parseBackendWish(`?faults&backend=${name}`)).toEqual({
    choice: name,
    kernels: "own",
    unknown: null,
  });
});

test.each(["", "?faults", "?backend=auto"])(
  "an address with %j leaves the choice to the engine",
  (search) => {
    expect(parseBackendWish(search)).toEqual({ choice: "auto", kernels: "own", unknown: null });
  },
);

test.each([
  ["?backend=nonsense", "nonsense"],
  ["?backend=WASM", "WASM"],
  ["?backend=", ""],
  ["?backend=%3Cb%3E", "<b>"],
  [`?backend=${"x".repeat(5000)}`, "x".repeat(40)],
])("%s is told as unknown, and the engine chooses", (search, unknown) => {
  expect(parseBackendWish(search)).toEqual({ choice: "auto", kernels: "own", unknown });
});

test("?kernels=plain leaves our own kernels out, on whatever backend", () => {
  expect(parseBackendWish("?kernels=plain&backend=wasm")).toEqual({
    choice: "wasm",
    kernels: "plain",
    unknown: null,
  });
  expect(parseBackendWish("?kernels=other").kernels).toBe("own");
});
