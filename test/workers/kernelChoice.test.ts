import { afterEach, describe, expect, test } from "vitest";
import { installedSimd, installSimd } from "#simd/installed.ts";
import { openChosen } from "#workers/openBackend.ts";
import type { BackendReport, EngineEvent, KernelChoice } from "#workers/protocol.ts";
import { nodeBackends } from "../../cli/nodeBackends.ts";

afterEach(() => installSimd(null));

async function reportOf(kernels: KernelChoice): Promise<BackendReport | null> {
  const events: EngineEvent[] = [];
  await openChosen(nodeBackends, "wasm", kernels, (event) => events.push(event));
  const told = events.find((event) => event.type === "backend");
  return told?.type === "backend" ? told.report : null;
}

describe("WebAssembly", () => {
  test("is opened with our own kernels, and says so", async () => {
    expect((await reportOf("own"))?.kernels).toBe("our own, SIMD on 1 thread");
    expect(installedSimd()).not.toBeNull();
  });

  test("is opened without them when that was asked for", async () => {
    await reportOf("own");
    expect((await reportOf("plain"))?.kernels).toBe("those of TensorFlow.js");
    expect(installedSimd()).toBeNull();
  });
});
