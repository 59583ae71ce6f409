import type { EngineEvent, EngineRequest } from "./protocol.ts";

/** The page's end of the wire to the engine worker. */
export interface EngineConnection {
  send(request: EngineRequest): void;
  /** Ends the worker at once; nothing more is delivered. */
  close(): void;
}

/** Starts the engine worker and delivers its events in order. A worker that cannot be started or dies
 *  is reported as a `failed` state, so that the page has one place where errors arrive.
 *  This is the only place that makes a worker. */
export function connectEngine(onEvent: (event: EngineEvent) => void): EngineConnection {
  const worker = new Worker(new URL("./engine.worker.ts", import.meta.url), {
    type: "module",
    name: "steadyflow engine",
  });
  worker.onmessage = (message: MessageEvent<EngineEvent>) => onEvent(message.data);
  const report = (detail: string) =>
    onEvent({ type: "state", state: { status: "failed", error: { kind: "Internal", detail } } });
  worker.onerror = (event) => {
    event.preventDefault(); // it is shown on the page, the console need not repeat it
    report(event.message || "The engine's script could not be loaded.");
  };
  worker.onmessageerror = () => report("A message from the engine could not be read.");
  return {
    send: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
  };
}
