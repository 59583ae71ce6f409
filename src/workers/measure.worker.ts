/** The measure worker's entry: wires `createMeasure` to the wire. No tensor library is loaded here. */
import { createMeasure } from "./measure.ts";
import type { MeasureReply, MeasureRequest } from "./measureProtocol.ts";

declare const self: DedicatedWorkerGlobalScope;

const measure = createMeasure((reply: MeasureReply, transfer: Transferable[] = []) =>
  self.postMessage(reply, transfer),
);
self.onmessage = (message: MessageEvent<MeasureRequest>) => measure.handle(message.data);
