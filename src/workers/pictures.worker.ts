/** The pictures worker's entry: wires `createPictures` to the wire, storage and the browser's decoders. No tensor library is
 *  loaded here; what draws avatars is fetched with the first drawing. */
import wasmUrl from "@resvg/resvg-wasm/index_bg.wasm?url";
import { browserDatasets } from "#datasets/browserDatasets.ts";
import { createPictures } from "./pictures.ts";
import { browserDecoder } from "./picturesDecoder.ts";
import type { PicturesReply, PicturesRequest } from "./picturesProtocol.ts";

declare const self: DedicatedWorkerGlobalScope;

async function rasteriser(): Promise<Response> {
  const response = await fetch(wasmUrl);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response;
}

const pictures = createPictures(
  {
    store: browserDatasets(),
    decode: browserDecoder(),
    openDrawer: async (style) => (await import("#datasets/drawn/drawer.ts")).createDrawer(style, rasteriser),
  },
  (reply: PicturesReply, transfer: Transferable[] = []) => self.postMessage(reply, transfer),
);
self.onmessage = (message: MessageEvent<PicturesRequest>) => pictures.handle(message.data);
