import {
  type BackendSource,
  decideBackend,
  type GpuProbe,
  type OnPreparing,
  type OpenedBackend,
} from "./backends.ts";
import { EngineFailure } from "./errors.ts";
import { type KernelChoice, strangersText } from "./kernelNames.ts";
import type { BackendChoice, EngineEvent } from "./protocol.ts";

/** Asking for a GPU wakes a driver: not when the answer does not matter. */
const NOT_ASKED: GpuProbe = { kind: "none", reason: "", remedy: "" };

/** Opens the backend that a choice leads to and reports it, with what was found on the way; null when WebGPU was asked
 *  for and is not there. A GPU that cannot be opened, or a WebAssembly that cannot be compiled, still leaves a slower
 *  way, unless one was forced. Throws EngineFailure NoBackend. */
export async function openChosen(
  backends: BackendSource,
  choice: BackendChoice,
  kernels: KernelChoice,
  post: (event: EngineEvent) => void,
): Promise<OpenedBackend | null> {
  const probe = choice === "wasm" || choice === "cpu" ? NOT_ASKED : await backends.probe();
  if (probe.kind === "software") {
    const reason = "The browser offers WebGPU through software only, which is right but very slow.";
    post({ type: "state", state: { status: "software-adapter", adapter: probe.adapter, reason } });
  }
  const decision = decideBackend(choice, probe);
  if (decision.kind === "refuse") {
    const { reason, remedy } = decision;
    post({ type: "state", state: { status: "no-webgpu", reason, remedy } });
    return null;
  }
  let { reason } = decision;
  let opened: OpenedBackend;
  const onPreparing: OnPreparing = (done, of) =>
    post({ type: "state", state: { status: "preparing", done, of } });
  try {
    opened = await backends.open(decision.name, kernels, onPreparing);
  } catch (cause) {
    if (choice !== "auto") throw noBackend(cause);
    const gpu = decision.name === "webgpu";
    reason = `${gpu ? "WebGPU" : "WebAssembly"} could not be started (${detailOf(cause)}).`;
    opened = await backends.open(gpu ? "wasm" : "cpu", kernels).catch((second) => {
      throw noBackend(second);
    });
  }
  const { name, adapter, software, microBatch } = opened;
  const said = `${opened.kernels}${strangersText(kernels, name)}`;
  const report = { name, requested: choice, reason, adapter, software, microBatch, kernels: said };
  post({ type: "backend", report });
  return opened;
}

const detailOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
const noBackend = (cause: unknown) => new EngineFailure({ kind: "NoBackend", detail: detailOf(cause) });
