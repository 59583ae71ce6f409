import type { BackendName, EngineState } from "#workers/protocol.ts";
import { errorWords, partName, type Remedy, type Words } from "./errorWords.ts";

export const BACKEND_NAMES: Readonly<Record<BackendName, string>> = {
  webgpu: "WebGPU",
  wasm: "WebAssembly",
  cpu: "plain JavaScript",
};

/** Said while a software adapter computes, because it was asked for. */
export const SOFTWARE_WORDS: Words = {
  title: "WebGPU without a graphics card",
  text: "This browser computes WebGPU on the processor, which is right but very slow. WebAssembly is faster here.",
  remedy: { do: "use-wasm" },
};

/** A state of the engine as the reader sees it. */
export interface StateWords {
  /** One or two words, for the badge. */
  readonly short: string;
  readonly text: string;
  readonly tone: "working" | "good" | "warning" | "bad";
  readonly remedy: Remedy;
}

const calm = (short: string, text: string, tone: "working" | "good"): StateWords => ({
  short,
  text,
  tone,
  remedy: { do: "none" },
});

/** Every state of the engine, in words. */
export function stateWords(state: EngineState): StateWords {
  switch (state.status) {
    case "probing":
      return calm("starting", "Looking for the fastest way to compute in this browser.", "working");
    case "preparing": // the badge keeps its width
      return calm("starting", `Preparing kernels ${state.done} of ${state.of}.`, "working");
    case "no-webgpu":
      return {
        short: "no WebGPU",
        text: `${state.reason} ${state.remedy}`,
        tone: "bad",
        remedy: { do: "use-wasm" },
      };
    case "software-adapter":
      return {
        short: "software WebGPU",
        text: `${state.reason} The adapter is ${state.adapter}. WebAssembly is faster here.`,
        tone: "warning",
        remedy: { do: "use-wasm" },
      };
    case "loading":
      return calm("loading", `Loading the ${state.parts.map(partName).join(" and the ")}.`, "working");
    case "ready":
      return calm("ready", "Ready to draw.", "good");
    case "busy":
      return calm("drawing", "Drawing.", "working");
    case "device-lost":
      return {
        short: "device lost",
        text: `The graphics device went away (${state.reason}). A new one is being made${state.restarts === null ? "" : ", and the pictures in progress start again"}.`,
        tone: "warning",
        remedy: { do: "none" },
      };
    case "out-of-memory": {
      const { batch, suggestedBatch } = state;
      const { text, remedy } = errorWords({ kind: "OutOfMemory", batch, suggestedBatch });
      return { short: "out of memory", text, tone: "bad", remedy };
    }
    case "failed": {
      const { title, text, remedy } = errorWords(state.error);
      return {
        short: "failed",
        text: `${title}. ${text}`,
        tone: "bad",
        remedy: remedy.do === "none" ? { do: "restart" } : remedy,
      };
    }
    default:
      return state satisfies never;
  }
}
