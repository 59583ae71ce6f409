import { expect, test } from "vitest";

test("the test page is cross-origin isolated, so that wasm threads are tested too", () => {
  expect(crossOriginIsolated).toBe(true);
});

test("Chromium offers a WebGPU adapter and a device", async () => {
  const adapter = await navigator.gpu.requestAdapter();
  expect(adapter).not.toBeNull();
  const device = await adapter?.requestDevice();
  expect(device?.limits.maxBufferSize).toBeGreaterThanOrEqual(2 ** 28); // the WebGPU default, 256 MiB
  device?.destroy();
});
