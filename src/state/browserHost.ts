import { openLocalModels } from "#library/indexedLocalModels.ts";
import { connectEngine } from "#workers/client.ts";
import { parseBackendWish } from "./backendWish.ts";
import { openGallery } from "./gallery/database.ts";
import type { StudioHost } from "./studio.ts";

/** The parts of the Network Information API that are read; absent in Safari and Firefox. */
interface Connection {
  readonly saveData?: boolean;
  readonly type?: string;
}

const connectionOf = (from: Navigator & { readonly connection?: Connection }): Connection =>
  from.connection ?? {};

/** Local storage, or null where reading it is already an error. */
function localStorageOrNull(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Longest wait for a frame; hidden tabs draw none. */
const FRAME_TIMEOUT_MS = 250;

function beforeFrame(flush: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    flush();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, FRAME_TIMEOUT_MS);
}

/** The page's own browser. baseUri: address of the page's folder; saveFile: hands a file to the reader. */
export function browserHost(baseUri: string, saveFile: StudioHost["saveFile"]): StudioHost {
  const { saveData, type } = connectionOf(navigator);
  const tabs = new BroadcastChannel("steadyflow-gallery");
  return {
    connect: connectEngine,
    compareHost: async () => (await import("./compare/browserHost.ts")).compareHost(),
    finetuneHost: async () => (await import("./finetune/browserHost.ts")).finetuneHost(),
    shelfHost: async () => (await import("./library/browserHost.ts")).shelfHost(),
    localModels: openLocalModels(),
    manifestUrl: new URL("models/manifest.json", baseUri).href,
    backend: parseBackendWish(location.search),
    faults: new URLSearchParams(location.search).has("faults"),
    readHash: () => location.hash,
    writeHash: (hash) => history.replaceState(history.state, "", hash),
    beforeFrame,
    newId: () => crypto.randomUUID(),
    storage: localStorageOrNull(),
    database: openGallery(),
    channel: {
      announce: () => tabs.postMessage("changed"),
      onAnnounced: (listen) => tabs.addEventListener("message", listen),
    },
    metered: saveData === true || type === "cellular",
    now: Date.now,
    saveFile,
    copyText: (text) => navigator.clipboard.writeText(text),
    copyImage: (png) => navigator.clipboard.write([new ClipboardItem({ [png.type]: png })]),
    address: () => location.href.replace(/#.*$/, ""),
    pause: () => new Promise((go) => setTimeout(go)),
    async deleteCaches() {
      if (!("caches" in globalThis)) return; // plain http on another machine has none
      await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
    },
  };
}
