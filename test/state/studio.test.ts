import { expect, test } from "vitest";
import { browserLocks } from "#datasets/importLocks.ts";
import { createDatasetStore } from "#datasets/store.ts";
import { memoryFiles } from "#files/memoryFiles.ts";
import { createRuns } from "#runs/runs.ts";
import { parseBackendWish } from "#state/backendWish.ts";
import type { GalleryDatabase } from "#state/gallery/database.ts";
import { createStudio } from "#state/studio.ts";
import { createMeasure } from "#workers/measure.ts";
import { createMeasureClient } from "#workers/measureClient.ts";
import { memoryLocalModels } from "../library/memoryLocalModels.ts";
import { scriptedBackends, testEngine } from "../workers/testEngine.ts";

const keepsNothing: GalleryDatabase = {
  list: async () => [],
  put: async () => {},
  remove: async () => {},
  clear: async () => {},
  destroy: async () => {},
};

/** The page without its looks on the real engine and the tiny family, at an address. */
async function openStudio(hash: string) {
  const t = await testEngine(scriptedBackends(), 16);
  let address = hash;
  let ids = 0;
  const writeHash = (next: string) => {
    address = next;
  };
  const studio = createStudio({
    connect: (onEvent) => {
      t.watch(onEvent);
      return { send: t.engine.handle, close: () => {} };
    },
    manifestUrl: "models/manifest.json",
    backend: parseBackendWish(""),
    faults: false,
    readHash: () => address,
    writeHash,
    beforeFrame: (flush) => queueMicrotask(flush),
    newId: () => `s${++ids}`,
    compareHost: async () => ({
      measure: createMeasureClient((onReply) => {
        const server = createMeasure(onReply);
        return { send: (request) => server.handle(request), close: () => {} };
      }),
      comparisons: {
        list: async () => [],
        put: async () => {},
        remove: async () => {},
        destroy: async () => {},
      },
      drawSheet: async () => new Blob(),
      pushHash: writeHash,
    }),
    finetuneHost: async () => ({
      connectTrainer: () => {
        throw new Error("nothing is trained here");
      },
      connectPictures: () => {
        throw new Error("no pictures are brought here");
      },
      datasets: createDatasetStore({ files: memoryFiles(), locks: browserLocks(), channel: null }),
      runs: createRuns(memoryFiles()),
      localModels: memoryLocalModels(),
      openAddress: () => {},
      lockedRuns: async () => new Set<string>(),
      makeLasting: async () => {},
    }),
    shelfHost: async () => {
      throw new Error("the Models page is not looked at here");
    },
    localModels: memoryLocalModels(),
    storage: null,
    database: keepsNothing,
    channel: { announce: () => {}, onAnnounced: () => {} },
    metered: false,
    now: () => 0,
    saveFile: () => {},
    copyText: async () => {},
    copyImage: async () => {},
    address: () => "",
    pause: async () => {},
    deleteCaches: async () => {},
  });
  studio.begin();
  const settled = async () => {
    if (studio.store.getState().page === "compare") await studio.comparisons();
    let seen = -1;
    while (seen !== t.events.length) {
      seen = t.events.length;
      await t.engine.idle();
      await new Promise((go) => setTimeout(go, 5));
    }
  };
  const goTo = async (next: string) => {
    address = next;
    studio.followHash();
    await settled();
  };
  await settled();
  return { ...t, studio, settled, goTo, address: () => address };
}

const COMPARE = "#/compare?family=tiny&rows=tau:0,1&columns=seed:1-2&class=one&steps=5";
const GENERATE = "#/generate?family=tiny&seed=7&count=2&class=one&model=light&steps=5";

test("an address of the Compare page draws no picture on the Generate page", async () => {
  const t = await openStudio(COMPARE);
  expect(t.studio.store.getState()).toMatchObject({ page: "compare", batch: null });
  expect((await t.studio.comparisons()).store.getState().run.status).toBe("finished");
  expect(t.of("image")).toEqual([]);
});

test("links lead from page to page, and what either has drawn is still there", async () => {
  const t = await openStudio(GENERATE);
  const generated = t.address();
  expect(t.of("image").length).toBe(2);
  await t.goTo(COMPARE);
  const compared = t.address();
  expect(t.studio.store.getState().page).toBe("compare");
  expect(t.of("integrated").length).toBeGreaterThan(0);
  const before = t.events.length;
  await t.goTo(generated);
  expect(t.studio.store.getState()).toMatchObject({ page: "generate", settings: { seed: 7 } });
  await t.goTo(compared);
  await t.goTo("#/compare");
  expect(t.address()).toBe(compared);
  expect((await t.studio.comparisons()).store.getState().settings.rows.values).toEqual([0, 1]);
  expect(t.events.length).toBe(before);
});

test("the way back to Generate draws what its address says when that is something else", async () => {
  const t = await openStudio(COMPARE);
  await t.goTo(GENERATE);
  expect(t.of("image").map(({ seed }) => seed)).toEqual([7, 8]);
});

test("pictures of the Generate page tell how long things take before anything is compared", async () => {
  const t = await openStudio(GENERATE);
  await t.goTo("#/compare");
  expect((await t.studio.comparisons()).store.getState().pace.passes.light?.count).toBeGreaterThan(0);
  expect((await t.studio.comparisons()).store.getState().timeLeft?.ms).toBeGreaterThan(0);
  expect(t.of("integrated")).toEqual([]);
});

test("deleting everything lets go of what was compared", async () => {
  const t = await openStudio(COMPARE);
  await t.studio.deleteEverything();
  expect((await t.studio.comparisons()).store.getState().stretches).toEqual({});
});

test("pictures of another backend are not kept beside those of the last", async () => {
  const t = await openStudio(COMPARE);
  const { session } = t.studio;
  const comparisons = await t.studio.comparisons();
  session.restart("cpu");
  await t.settled();
  expect(comparisons.store.getState().backend).toBe("cpu");
  expect(Object.values(comparisons.store.getState().drawings).map(({ status }) => status)).not.toContain(
    "finished",
  );
});
