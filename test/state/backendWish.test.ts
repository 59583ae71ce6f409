import { expect, test } from "vitest";
import { BACKENDS, parseBackendWish } from "#state/backendWish.ts";
import type { SwitchName } from "#workers/kernelNames.ts";

test.each(BACKENDS)("?backend=%s forces it", (name) => {
  expect(parseBackendWish(`?faults&backend=${name}`)).toEqual({
    choice: name,
    kernels: "own",
    unknown: null,
    unknownKernels: null,
  });
});

test.each(["", "?faults", "?backend=auto"])(
  "an address with %j leaves the choice to the engine",
  (search) => {
    expect(parseBackendWish(search)).toEqual({
      choice: "auto",
      kernels: "own",
      unknown: null,
      unknownKernels: null,
    });
  },
);

test.each([
  ["?backend=nonsense", "nonsense"],
  ["?backend=WASM", "WASM"],
  ["?backend=", ""],
  ["?backend=%3Cb%3E", "<b>"],
  [`?backend=${"x".repeat(5000)}`, "x".repeat(40)],
])("%s is told as unknown, and the engine chooses", (search, unknown) => {
  expect(parseBackendWish(search)).toMatchObject({ choice: "auto", kernels: "own", unknown });
});

test("?kernels=plain leaves our own kernels out, on whatever backend", () => {
  expect(parseBackendWish("?kernels=plain&backend=wasm")).toEqual({
    choice: "wasm",
    kernels: "plain",
    unknown: null,
    unknownKernels: null,
  });
});

test.each<[string, readonly SwitchName[]]>([
  ["?kernels=-attention", ["attention"]],
  ["?backend=webgpu&kernels=-silu,-linear,-silu", ["linear", "silu"]],
  ["?kernels=%2Ddecoder%2C-dit", ["dit", "decoder"]],
])("%s switches these off", (search, off) => {
  expect(parseBackendWish(search)).toMatchObject({ kernels: { off }, unknownKernels: null });
});

test.each([
  ["?kernels=other", "own", "other"],
  ["?kernels=", "own", ""],
  ["?kernels=attention", "own", "attention"],
  ["?kernels=-attentoin,-silu", { off: ["silu"] }, "-attentoin"],
  ["?kernels=plain,-silu,%3Cb%3E", { off: ["silu"] }, "plain,<b>"],
  ["?kernels=-toString,-__proto__", "own", "-toString,-__proto__"],
  [`?kernels=-${"x".repeat(5000)}`, "own", `-${"x".repeat(39)}`],
])("of %s what means nothing is told, and the rest counts", (search, kernels, unknownKernels) => {
  expect(parseBackendWish(search)).toMatchObject({ kernels, unknownKernels, unknown: null });
});
