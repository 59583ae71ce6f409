import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { nodeBackends } from "../../cli/nodeBackends.ts";
import { diskFolder } from "../../cli/parity/diskFolder.ts";
import { lineOf } from "../../cli/parity/report.ts";
import { runCase } from "../../cli/parity/runCase.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/golden", import.meta.url));
const CASES = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));

/** Declares a test for every golden case: it passes on `backend`, within its tight limits, and leaves no tensor. */
export function testGoldenCases(backend: "cpu" | "wasm"): void {
  test.for(CASES)(`%s passes on ${backend}`, async (file) => {
    await nodeBackends.open(backend);
    const before = memory().numTensors;
    const outcome = await runCase(await diskFolder(FOLDER), file);
    expect(lineOf(outcome)).toMatch(/^pass/);
    expect(memory().numTensors).toBe(before);
  });
}
