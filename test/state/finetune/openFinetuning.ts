import type { Manifest } from "#checkpoints/manifest.ts";
import { withLocalModels } from "#library/entry.ts";
import { createRuns } from "#runs/runs.ts";
import { INITIAL_APP } from "#state/app.ts";
import { parseBackendWish } from "#state/backendWish.ts";
import type { Finetune } from "#state/finetune/finetune.ts";
import { createFinetuning } from "#state/finetune/finetuning.ts";
import { createAppStore } from "#state/store.ts";
import { createPictures } from "#workers/pictures.ts";
import { createPicturesClient } from "#workers/picturesClient.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { createTrainerClient } from "#workers/trainerClient.ts";
import { memoryDecoder } from "../../datasets/memoryDecoder.ts";
import { tinyFamily } from "../../fixtures/tinyFamily.ts";
import { scriptedBackends, testEngine } from "../../workers/testEngine.ts";
import { type Browser, openBrowser, openTab, type TabOptions } from "../../workers/trainer/support.ts";

export interface OpenOptions {
  readonly hash?: string;
  /** Another tab of this browser. */
  readonly browser?: Browser;
  readonly tab?: TabOptions;
  /** What the browser remembers by name. */
  readonly storage?: Map<string, string>;
}

/** The Fine-tune page without its looks, over the real trainer and the real pictures server, without a browser. */
export async function openFinetuning({
  hash = "#/finetune",
  browser,
  tab = {},
  storage = new Map(),
}: OpenOptions = {}) {
  const kept = browser ?? (await openBrowser());
  const t = await openTab(kept, { ...tab, started: false });
  const { manifest } = await tinyFamily();
  const app = createAppStore({ ...INITIAL_APP, page: "finetune" });
  const files: { readonly name: string; readonly contents: Blob }[] = [];
  const opened: string[] = [];
  const listeners: ((events: readonly EngineEvent[]) => void)[] = [];
  let describing: Awaited<ReturnType<typeof testEngine>> | null = null;
  let jobs = 0;
  let lasting = 0;
  let address = hash;
  let time = 1_700_000_000_000;

  const tellModels = (changed: Manifest) => {
    const event = { type: "manifest", manifest: changed } as const;
    app.dispatch(event);
    for (const listen of listeners) listen([event]);
  };
  kept.models.onChange(async () => tellModels(withLocalModels(manifest, await kept.models.list())));

  const finetuning = createFinetuning(
    app,
    {
      onEvents: (listen) => void listeners.push(listen),
      newJob: () => ++jobs,
      // The engine's share of the work: features of pictures, by the real engine on the tiny family.
      async send(request) {
        if (!describing) {
          describing = await testEngine(scriptedBackends());
          describing.start("cpu");
          describing.watch((event) => {
            for (const listen of listeners) listen([event]);
          });
        }
        describing.engine.handle(request);
      },
    },
    {
      connectTrainer: (onState) =>
        createTrainerClient((onEvent) => {
          t.watch(onEvent);
          return { send: (request) => t.trainer.handle(structuredClone(request)), close: () => {} };
        }, onState),
      connectPictures: () =>
        createPicturesClient((onReply) => {
          const pictures = createPictures(
            {
              store: kept.datasets,
              decode: memoryDecoder(),
              openDrawer: () => Promise.reject(new Error("nothing is drawn here")),
            },
            (reply) => onReply(structuredClone(reply)),
          );
          return { send: (request) => pictures.handle(request), close: () => {} };
        }),
      datasets: kept.datasets,
      runs: createRuns(kept.files),
      localModels: kept.models,
      makeLasting: async () => void lasting++,
      lockedRuns: async () => new Set([...kept.locks].map((name) => name.replace("steadyflow-run-", ""))),
      openAddress: (to) => void opened.push(to),
      manifestUrl: "models/manifest.json",
      backend: parseBackendWish("?backend=cpu"),
      faults: true,
      readHash: () => address,
      writeHash: (next) => {
        address = next;
      },
      beforeFrame: (flush) => queueMicrotask(flush),
      saveFile: (name, contents) => void files.push({ name, contents }),
      storage: {
        getItem: (key) => storage.get(key) ?? null,
        setItem: (key, value) => void storage.set(key, value),
      },
      pause: () => new Promise((go) => setTimeout(go)),
      address: () => "",
      now: () => ++time,
    },
  );
  tellModels(withLocalModels(manifest, await kept.models.list()));

  /** Resolves with the first state of which this holds; rejects after a while. */
  const until = (holds: (state: Finetune) => boolean, what = "the state"): Promise<Finetune> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        end();
        const { problem, scoring, run } = finetuning.store.getState();
        reject(
          new Error(
            `${what} never came: ${JSON.stringify({ problem, run: run?.state, scoring: scoring.run })}`,
          ),
        );
      }, 30_000);
      const look = (state: Finetune) => {
        if (!holds(state)) return;
        clearTimeout(late);
        end();
        resolve(state);
      };
      const end = finetuning.store.subscribe(look);
      look(finetuning.store.getState());
    });

  return {
    finetuning,
    state: finetuning.store.getState,
    browser: kept,
    tab: t,
    files,
    /** Addresses that the page was told to show. */
    opened,
    address: () => address,
    /** How often the browser was asked to keep what is stored. */
    lasting: () => lasting,
    until,
    /** The page with the browser's one data set open. */
    async open() {
      finetuning.openSet(kept.dataset);
      return until(({ selection }) => selection !== null, "a selection");
    },
  };
}
