import { plus } from "#compare/course.ts";
import type { ComparisonSettings } from "#compare/settings.ts";
import { INITIAL_APP } from "#state/app.ts";
import { parseBackendWish } from "#state/backendWish.ts";
import { createComparisons } from "#state/compare/comparisons.ts";
import type { Sheet } from "#state/compare/export/sheet.ts";
import type { ComparisonDatabase, KeptComparison } from "#state/compare/saved/database.ts";
import { pageOf } from "#state/page.ts";
import { createSession } from "#state/session.ts";
import { createAppStore } from "#state/store.ts";
import { createMeasure } from "#workers/measure.ts";
import { createMeasureClient } from "#workers/measureClient.ts";
import type { EngineEvent, EngineRequest } from "#workers/protocol.ts";
import { scriptedBackends, testEngine } from "../../workers/testEngine.ts";

/** What the browser would keep, kept in memory, and refusing to when told. */
function keptInMemory() {
  const kept = new Map<string, KeptComparison>();
  let refusal: Error | null = null;
  const orRefuse = async <T>(value: T): Promise<T> => {
    if (refusal) throw refusal;
    return value;
  };
  const database: ComparisonDatabase = {
    list: () => orRefuse([...kept.values()].sort((a, b) => b.savedAt - a.savedAt)),
    put: (one) => orRefuse(one).then(({ id }) => void kept.set(id, one)),
    remove: (id) => orRefuse(id).then(() => void kept.delete(id)),
    destroy: async () => kept.clear(),
  };
  return {
    database,
    refuse: (cause: Error | null) => {
      refusal = cause;
    },
  };
}

/** Comparisons that talk to the real engine and the real measure server on the tiny family, without a browser. */
export async function openComparisons({
  hash = "#/compare",
  metered = false,
  backends = scriptedBackends(),
} = {}) {
  // SSIM's window needs 11 px.
  const t = await testEngine(backends, 16);
  const store = createAppStore({ ...INITIAL_APP, page: pageOf(hash), metered });
  const requests: EngineRequest[] = [];
  const files: { readonly name: string; readonly contents: Blob }[] = [];
  const copied: string[] = [];
  const sheets: Sheet[] = [];
  const memory = keptInMemory();
  /** Addresses that Back leads to, the latest last. */
  const history: string[] = [];
  let address = hash;
  let ids = 0;
  let questions = 0;
  const measure = createMeasureClient((onReply) => {
    const server = createMeasure((reply) => {
      questions--;
      onReply(structuredClone(reply));
    });
    return {
      send: (request) => {
        if (request.type === "ask") questions++;
        server.handle(structuredClone(request));
      },
      close: () => {
        questions = 0;
      },
    };
  });
  const session = createSession(
    store,
    {
      connect: (onEvent: (event: EngineEvent) => void) => {
        t.watch(onEvent);
        return {
          send: (request) => {
            requests.push(request);
            t.engine.handle(request);
          },
          close: () => {},
        };
      },
      manifestUrl: "models/manifest.json",
      backend: parseBackendWish(""),
      faults: true,
      readHash: () => address,
      writeHash: (next) => {
        address = next;
      },
      beforeFrame: (flush) => queueMicrotask(flush),
      newId: () => `b${++ids}`,
    },
    () => {},
  );
  const comparisons = createComparisons(store, session, {
    measure,
    comparisons: memory.database,
    readHash: () => address,
    writeHash: (next) => {
      address = next;
    },
    pushHash: (next) => {
      history.push(address);
      address = next;
    },
    newId: () => `c${++ids}`,
    now: () => ++ids,
    saveFile: (name, contents) => void files.push({ name, contents }),
    copyText: async (text) => void copied.push(text),
    copyImage: async () => {},
    address: () => "https://example.org/",
    pause: async () => {},
    drawSheet: async (sheet) => {
      sheets.push(sheet);
      return new Blob(["png"]);
    },
  });
  session.begin();
  /** Resolves when neither engine nor page nor measuring has anything left to do. */
  const settled = async () => {
    let seen = -1;
    while (seen !== t.events.length || questions > 0) {
      seen = t.events.length;
      await t.engine.idle();
      await new Promise((go) => setTimeout(go, 5));
    }
  };
  /** Resolves when the comparison is as `wanted` says. */
  const until = (wanted: (comparison: ReturnType<typeof comparisons.store.getState>) => boolean) =>
    new Promise<void>((resolve) => {
      const stop = comparisons.store.subscribe((now) => {
        if (!wanted(now)) return;
        stop();
        resolve();
      });
      if (wanted(comparisons.store.getState())) {
        stop();
        resolve();
      }
    });
  return {
    ...t,
    store,
    session,
    comparisons,
    requests,
    files,
    copied,
    sheets,
    memory,
    settled,
    until,
    now: () => comparisons.store.getState(),
    address: () => address,
    history,
    change: (change: Partial<ComparisonSettings>) => comparisons.change(change),
    goTo: (next: string) => {
      address = next;
      comparisons.followHash();
    },
  };
}

/** A link of the tiny family: 2 seeds, tau 0, 0.5 and 1, few steps. */
export const LINK =
  "#/compare?family=tiny&rows=tau:0,0.5,1&columns=seed:1-2&class=one&model=c2f&steps=9&solver=euler&guidance=1.5";

export type Opened = Awaited<ReturnType<typeof openComparisons>>;

/** What has become of each cell, in their order. */
export const statuses = (t: Opened) => {
  const { grid, drawings } = t.now();
  return grid?.cells.map(({ key }) => drawings[key]?.status);
};

/** What the engine was asked to compute. */
export const units = (t: Opened) => t.requests.filter((request) => request.type === "integrate");

/** Evaluations that the engine says it has made. */
export const made = (t: Opened) =>
  t.of("integrated").reduce((sum, { nfe, states }) => plus(sum, nfe, states.length), { light: 0, heavy: 0 });
