import type { KernelChoice } from "./kernelNames.ts";
import type { BackendChoice, BackendName } from "./protocol.ts";

/** What asking the browser for a GPU gave. */
export type GpuProbe =
  | { readonly kind: "none"; readonly reason: string; readonly remedy: string }
  | { readonly kind: "software"; readonly adapter: string }
  | { readonly kind: "hardware"; readonly adapter: string };

/** A tfjs backend that is open and current. */
export interface OpenedBackend {
  readonly name: BackendName;
  readonly adapter: string | null;
  readonly software: boolean;
  /** Images sampled side by side unless a job says otherwise. */
  readonly microBatch: number;
  /** What the velocity networks run on, in a few words. */
  readonly kernels: string;
  /** Resolves with the reason when the device goes away; never on wasm and cpu. */
  readonly lost: Promise<string>;
  /** Resolves when the work handed over so far is done, so that steps are timed and cancelled honestly. Rejects with
   *  what the device complained of meanwhile, a buffer it had no memory for above all. */
  settle(): Promise<void>;
  /** Makes the device go away, as a driver reset would. Test aid. */
  lose(): void;
  /** Removes the backend. Tensors on it must have been disposed. */
  close(): void;
}

/** Told while kernels are compiled for a device: `done` of `of` are. */
export type OnPreparing = (done: number, of: number) => void;

/** Opens tfjs backends; the browser and Node have one each. */
export interface BackendSource {
  probe(): Promise<GpuProbe>;
  open(name: BackendName, kernels?: KernelChoice, onPreparing?: OnPreparing): Promise<OpenedBackend>;
}

export type BackendDecision =
  | { readonly kind: "open"; readonly name: BackendName; readonly reason: string }
  | { readonly kind: "refuse"; readonly reason: string; readonly remedy: string };

/** Which backend serves a choice: WebGPU on real hardware, WebAssembly when there is none or only a
 *  software adapter (there WebGPU is right but about 70 times slower), unless one is forced. */
export function decideBackend(choice: BackendChoice, probe: GpuProbe): BackendDecision {
  switch (choice) {
    case "wasm":
      return { kind: "open", name: "wasm", reason: "WebAssembly, as was asked for." };
    case "cpu":
      return {
        kind: "open",
        name: "cpu",
        reason: "Plain JavaScript, as was asked for. This is very slow.",
      };
    case "webgpu":
      if (probe.kind === "none") return { kind: "refuse", reason: probe.reason, remedy: probe.remedy };
      return {
        kind: "open",
        name: "webgpu",
        reason:
          probe.kind === "hardware"
            ? "WebGPU, as was asked for."
            : "WebGPU on a software adapter, as was asked for. This is very slow.",
      };
    case "auto":
      if (probe.kind === "hardware")
        return { kind: "open", name: "webgpu", reason: `WebGPU on ${probe.adapter}.` };
      if (probe.kind === "software")
        return {
          kind: "open",
          name: "wasm",
          reason: `The only graphics adapter is software (${probe.adapter}), so WebAssembly is faster.`,
        };
      return { kind: "open", name: "wasm", reason: `${probe.reason} WebAssembly is used instead.` };
    default:
      return choice satisfies never;
  }
}
