import { expect, test } from "vitest";
import { INITIAL_APP } from "#state/app.ts";
import { parseBackendWish } from "#state/backendWish.ts";
import type { FinishedImage } from "#state/batch.ts";
import { createSession } from "#state/session.ts";
import { createAppStore } from "#state/store.ts";
import type { EngineEvent } from "#workers/protocol.ts";
import { scriptedBackends, testEngine } from "../workers/testEngine.ts";

/** A session that talks to the real engine on the tiny family; frames are drawn when the engine has posted. */
async function openSession({ hash = "", search = "", metered = false } = {}) {
  const t = await testEngine(scriptedBackends());
  const store = createAppStore({ ...INITIAL_APP, metered });
  const finished: FinishedImage[] = [];
  let address = hash;
  let ids = 0;
  let receive: (event: EngineEvent) => void = () => {};
  const session = createSession(
    store,
    {
      connect: (onEvent) => {
        t.watch(onEvent);
        receive = onEvent;
        return { send: t.engine.handle, close: () => {} };
      },
      manifestUrl: "models/manifest.json",
      backend: parseBackendWish(search),
      faults: true,
      readHash: () => address,
      writeHash: (next) => {
        address = next;
      },
      beforeFrame: (flush) => queueMicrotask(flush),
      newId: () => `b${++ids}`,
    },
    (images) => finished.push(...images),
  );
  session.begin();
  /** Resolves when neither engine nor page has anything left to do. */
  const settled = async () => {
    let events = -1;
    while (events !== t.events.length) {
      events = t.events.length;
      await t.engine.idle();
      await new Promise((go) => setTimeout(go));
    }
  };
  const goTo = (hash: string) => {
    address = hash;
    session.followHash();
  };
  return {
    ...t,
    store,
    session,
    finished,
    settled,
    address: () => address,
    goTo,
    receive: (event: EngineEvent) => receive(event),
  };
}

const loads = (t: { readonly events: readonly { readonly type: string }[] }) =>
  t.events.flatMap((event) => ("parts" in event && event.type === "loaded" ? [event.parts] : []));

test("a backend that does not exist is told once, and the engine chooses", async () => {
  const t = await openSession({ search: "?backend=nonsense" });
  await t.settled();
  expect(t.store.getState().notices).toMatchObject([{ kind: "unknown-backend", text: "nonsense" }]);
  expect(t.store.getState().engine.backend?.requested).toBe("auto");
});

test("kernels that do not exist are told once, and those that do are switched off", async () => {
  const t = await openSession({ search: "?kernels=-attention,-attentoin" });
  await t.settled();
  const { notices, engine } = t.store.getState();
  expect(notices).toMatchObject([{ kind: "unknown-kernels", text: "-attentoin" }]);
  expect(engine.backend?.kernels).toBe("those of TensorFlow.js; attention is not among them");
});

test("a full disk is told once, however many files it cannot keep", async () => {
  const t = await openSession();
  for (const file of ["light.safetensors", "heavy.safetensors"])
    t.receive({ type: "warning", warning: { kind: "NotCached", file, detail: "quota" } });
  await t.settled();
  expect(t.store.getState().notices.filter((notice) => notice.kind === "weights-cache").length).toBe(1);
});

test("the first visit draws seed 1 with the light model and refines the same seed when heavy has arrived", async () => {
  const t = await openSession();
  const seen: string[] = [];
  t.store.subscribe(({ batch }) => {
    const cell = batch?.cells[0];
    const shown = cell?.status === "finished" ? cell.image : cell && "draft" in cell ? cell.draft : null;
    if (shown && seen.at(-1) !== shown.settings.model) seen.push(shown.settings.model);
  });
  await t.settled();
  expect(loads(t)).toEqual([["decoder"], ["light"], ["heavy"]]);
  expect(seen).toEqual(["light", "c2f"]);
  expect(t.finished.map(({ settings }) => [settings.seed, settings.model])).toEqual([[1, "c2f"]]);
  expect(t.store.getState().batch?.state.status).toBe("finished");
  expect(t.store.getState().notices).toEqual([]);
});

test("the first picture is on the screen before the heavy model is asked for", async () => {
  const t = await openSession();
  await t.settled();
  const kinds = t.events.map((event) =>
    event.type === "image"
      ? event.settings.model
      : "parts" in event && event.type === "loaded"
        ? event.parts[0]
        : "",
  );
  expect(kinds.indexOf("light", kinds.indexOf("light") + 1)).toBeGreaterThan(0); // loaded, then drawn
  expect(kinds.lastIndexOf("light")).toBeLessThan(kinds.indexOf("heavy"));
});

test("a link to a variant loads it and draws with it; one to a model that there is not is told so", async () => {
  const t = await openSession({ hash: "#/generate?seed=5&steps=4&model=foreign" });
  await t.settled();
  expect(t.finished.map(({ settings }) => settings.model)).toEqual(["foreign"]);
  expect(loads(t)).toEqual([["decoder"], ["light"], ["decoder:second"], ["model:foreign"], ["heavy"]]);
  expect(t.address()).toContain("model=foreign");
  expect(t.store.getState().notices).toEqual([]);
  t.goTo("#/generate?seed=5&steps=4&model=c2f:narrow");
  await t.settled();
  expect(t.finished.map(({ settings }) => settings.model)).toEqual(["foreign", "c2f:narrow"]);
  t.goTo("#/generate?seed=5&steps=4&model=toString");
  await t.settled();
  expect(t.finished.at(-1)?.settings.model).toBe("c2f");
  expect(t.store.getState().notices).toMatchObject([
    { kind: "link-problems", problems: [{ key: "model", text: "toString" }] },
  ]);
});

test("a link draws what it says and is what the address says afterwards", async () => {
  const link =
    "#/generate?family=tiny&seed=5&count=3&class=mixed&model=heavy&tau=0.5&steps=5&solver=heun&guidance=1&view=one";
  const t = await openSession({ hash: link });
  await t.settled();
  expect(
    t.finished.map(({ settings }) => [settings.seed, settings.label, settings.model, settings.solver]),
  ).toEqual([
    [5, 1, "heavy", "heun"],
    [6, 0, "heavy", "heun"],
    [7, 1, "heavy", "heun"],
  ]);
  expect(t.address()).toBe(link);
});

test("a link to a family and a class that are not here is answered by the first ones, and says so", async () => {
  const t = await openSession({ hash: "#/generate?family=cats&class=tabby&steps=3" });
  await t.settled();
  const { settings, notices } = t.store.getState();
  expect(settings).toMatchObject({ family: "tiny", steps: 3 });
  expect(notices).toMatchObject([
    {
      kind: "link-problems",
      problems: [
        { key: "family", text: "cats" },
        { key: "class", text: "tabby" },
      ],
    },
  ]);
  expect(t.finished).toHaveLength(1);
});

test("a second link draws its own pictures, not those of the page it was opened on", async () => {
  const t = await openSession({
    hash: "#/generate?family=tiny&seed=9&count=3&class=mixed&steps=3&view=three",
  });
  await t.settled();
  const { settings } = t.store.getState();
  const second = await openSession({ hash: "#/generate?seed=4&count=no&steps=3" });
  await second.settled();
  t.goTo("#/generate?seed=4&count=no&steps=3");
  await t.settled();
  expect(t.store.getState().settings).not.toEqual(settings);
  expect(t.store.getState().settings).toEqual(second.store.getState().settings);
  expect(t.store.getState().settings).toMatchObject({ seed: 4, count: 1, view: "one" });
});

test("a setting that is changed before the manifest has arrived joins the link", async () => {
  const t = await openSession({ hash: "#/generate?seed=5&steps=4&model=light" });
  t.session.changeSettings({ guidance: 3 });
  await t.settled();
  expect(t.store.getState().settings).toMatchObject({ seed: 5, steps: 4, model: "light", guidance: 3 });
});

test("on a metered connection the light picture stands until heavy is agreed to", async () => {
  const t = await openSession({ metered: true });
  await t.settled();
  expect(loads(t)).toEqual([["decoder"], ["light"]]);
  expect(t.store.getState().batch?.cells[0]).toMatchObject({
    status: "waiting",
    draft: { settings: { model: "light" } },
  });
  t.session.agreeToHeavy();
  await t.settled();
  expect(t.finished.map(({ settings }) => settings.model)).toEqual(["c2f"]);
});

test("changing a setting while the first picture waits for heavy keeps the light one", async () => {
  const t = await openSession({ metered: true });
  await t.settled();
  t.session.changeSettings({ tau: 0.5 });
  expect(t.store.getState().batch?.cells[0]).toMatchObject({
    status: "finished",
    image: { settings: { model: "light" } },
  });
});

test("a cancelled batch stops at once and the next one is drawn whole", async () => {
  const t = await openSession();
  await t.settled();
  t.session.changeSettings({ count: 4, steps: 40 });
  t.session.generate();
  let cancelled = false;
  t.watch((event) => {
    if (event.type !== "image" || event.index !== 1 || cancelled) return;
    cancelled = true;
    t.session.cancel();
  });
  await t.settled();
  const { batch } = t.store.getState();
  expect(batch?.state.status).toBe("cancelled");
  expect(batch?.cells.filter((cell) => cell.status === "stopped").length).toBeGreaterThan(0);
  t.session.changeSettings({ count: 2, steps: 3 });
  t.session.generate();
  await t.settled();
  expect(t.store.getState().batch?.cells.map((cell) => cell.status)).toEqual(["finished", "finished"]);
});

test("an unlocked seed moves on to seeds that were not drawn, a locked one stays", async () => {
  const t = await openSession({ hash: "#/generate?seed=3&count=2&steps=3" });
  await t.settled();
  t.session.generate();
  expect(t.store.getState().settings.seed).toBe(3);
  await t.settled();
  t.store.dispatch({ type: "preferences-changed", change: { seedLocked: false } });
  t.session.generate();
  expect(t.store.getState().settings.seed).toBe(5);
  await t.settled();
});

test("out of memory is shown with the smaller batch, and that batch is drawn when it is chosen", async () => {
  const t = await openSession({ hash: "#/generate?count=4&steps=3&class=mixed" });
  await t.settled();
  t.session.send({ type: "fault", fault: "next-allocation-fails" });
  t.session.generate();
  await t.settled();
  expect(t.store.getState().engine.state.status).toBe("out-of-memory");
  expect(t.store.getState().batch?.state).toMatchObject({ status: "failed", error: { kind: "OutOfMemory" } });
  t.session.generate(2);
  await t.settled();
  expect(t.store.getState().batch?.cells.every((cell) => cell.status === "finished")).toBe(true);
  expect(t.store.getState().engine.state.status).toBe("ready");
});

test("a device that is lost in the middle gives every picture all the same", async () => {
  const t = await openSession({ hash: "#/generate?count=3&steps=8&class=mixed" });
  await t.settled();
  let lost = false;
  t.watch((event) => {
    if (event.type === "step" && event.step === 3 && !lost) {
      lost = true;
      t.session.send({ type: "fault", fault: "lose-device" });
    }
  });
  t.session.generate();
  await t.settled();
  expect(t.states().map((state) => state.status)).toContain("device-lost");
  expect(t.store.getState().batch?.cells.map((cell) => cell.status)).toEqual([
    "finished",
    "finished",
    "finished",
  ]);
});

test("a download that fails can be tried again, and the batch that waited goes on", async () => {
  const t = await openSession({ hash: "#/generate?steps=3&class=mixed&model=heavy", metered: true });
  await t.settled();
  const kept = new Map(t.files);
  for (const name of [...t.files.keys()].filter((file) => file.includes("heavy"))) t.files.delete(name);
  t.session.agreeToHeavy();
  await t.settled();
  expect(t.store.getState().engine.parts["tiny/heavy"]).toMatchObject({
    status: "failed",
    error: { kind: "DownloadFailed" },
  });
  expect(t.store.getState().batch?.state.status).toBe("active");
  for (const [name, content] of kept) t.files.set(name, content);
  t.session.retryDownload("heavy");
  await t.settled();
  expect(t.finished.map(({ settings }) => settings.model)).toEqual(["heavy"]);
});
