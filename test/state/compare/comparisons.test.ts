import { describe, expect, test } from "vitest";
import { axisOf } from "#compare/values.ts";
import { tinyJob } from "../../workers/testEngine.ts";
import { LINK, made, openComparisons, statuses, units } from "./openComparisons.ts";

describe("a link", () => {
  test("draws its grid, spends what it announced, and is what the address says afterwards", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.until(({ run }) => run.status === "running");
    const announced = t.now().cost;
    await t.settled();
    expect(statuses(t)).toEqual(Array(6).fill("finished"));
    expect(t.now().run.status).toBe("finished");
    // 8 Euler steps: per seed a light trunk of 8, heavy alone 8, and heavy from t = 0.5 (step 4) on.
    expect(announced.planned).toEqual({ light: 16, heavy: 24 });
    expect(announced.naive).toEqual({ light: 24, heavy: 24 });
    expect(made(t)).toEqual(announced.planned);
    expect(announced.left).toEqual(announced.planned);
    expect(t.now().cost).toEqual({ ...announced, spent: announced.planned, left: { light: 0, heavy: 0 } });
    expect(t.address()).toContain("rows=tau:0,0.5,1&columns=seed:1-2&panels=none");
    expect(t.store.getState().notices).toEqual([]);
  });

  test("without settings shows a grid and draws nothing", async () => {
    const t = await openComparisons({ hash: "#/compare" });
    await t.settled();
    expect(t.now().grid?.cells.length).toBe(20);
    // A few steps of the light model are timed; no cell has anything of them.
    expect(units(t).map(({ job }) => job.steps)).toEqual([14]);
    expect(new Set(statuses(t))).toEqual(new Set(["waiting"]));
    expect(t.now().run.status).toBe("idle");
    expect(t.of("loaded").flatMap(({ parts }) => parts)).toEqual(["decoder", "light"]);
  });

  test("that means nothing in places is told so, and the rest is drawn", async () => {
    const t = await openComparisons({ hash: `${LINK}&view=upside&reference=x` });
    await t.settled();
    expect(t.now().run.status).toBe("finished");
    expect(t.store.getState().notices).toMatchObject([
      { kind: "link-problems", problems: [{ key: "reference" }, { key: "view", text: "upside" }] },
    ]);
  });

  test("whose reference lies outside its grid takes the nearest cell, and says so", async () => {
    const t = await openComparisons({ hash: `${LINK}&reference=9.1.9` });
    await t.settled();
    expect(t.now().settings.reference).toEqual({ panel: 0, row: 2, column: 0 });
    expect(t.address()).toContain("reference=3.1.1");
    expect(t.store.getState().notices).toMatchObject([
      { kind: "link-problems", problems: [{ key: "reference", text: "9.1.9" }] },
    ]);
    t.change({ rows: axisOf("tau", "0, 1") });
    expect(t.address()).toContain("reference=2.1.1");
  });

  test("to models that there are not makes no grid, and says which", async () => {
    const t = await openComparisons({ hash: "#/compare?family=tiny&rows=variant:nobody&columns=seed:1-2" });
    await t.settled();
    expect(t.now()).toMatchObject({ grid: null, problem: { kind: "UnknownModel", model: "c2f:nobody" } });
    expect(units(t)).toEqual([]);
  });
});

describe("models", () => {
  test("are loaded when the grid needs them, and light cells do not wait for the heavy model", async () => {
    const t = await openComparisons({
      hash: "#/compare?family=tiny&rows=model:heavy,narrow,light&columns=seed:1-2&class=one&steps=5",
    });
    await t.settled();
    expect(t.now().run.status).toBe("finished");
    expect(t.of("loaded").flatMap(({ parts }) => parts)).toEqual(
      expect.arrayContaining(["decoder", "light", "heavy", "model:narrow"]),
    );
    // Nothing heavy before everything light, on a slow backend.
    const served = units(t).map(({ job }) => (job.model === "heavy" ? "heavy" : "light"));
    expect(served).toEqual([...Array(4).fill("light"), "heavy", "heavy"]);
  });

  test("in the latents of another autoencoder are drawn with its decoder, and their latents are not compared", async () => {
    const t = await openComparisons({
      hash: "#/compare?family=tiny&rows=model:light,foreign&columns=seed:1-2&class=one&steps=5",
    });
    await t.settled();
    expect(t.now().run.status).toBe("finished");
    const [, , foreign] = t.now().numbers;
    expect(foreign?.latentCosine).toBeNull();
    expect(foreign?.along).toBeNull();
    expect(foreign?.image?.ssim).toBeLessThan(1);
    expect(foreign?.embeddingCosine).not.toBeNull();
  });

  test("wait for the reader's word on a metered connection, while the rest is drawn", async () => {
    const t = await openComparisons({ hash: LINK, metered: true });
    await t.settled();
    expect(t.now().run).toEqual({ status: "asks", parts: ["heavy"] });
    expect(statuses(t)?.filter((status) => status === "finished").length).toBe(2);
    t.comparisons.agree();
    await t.settled();
    expect(t.now().run.status).toBe("finished");
  });
});

test("a picture of the Generate page that is asked for in between waits for one thing and is drawn", async () => {
  const t = await openComparisons({ hash: LINK });
  await t.until(({ work }) => work?.kind === "unit");
  t.engine.handle({ type: "generate", id: 500, job: tinyJob({ images: [{ seed: 9, label: 0 }] }) });
  await t.settled();
  const order = t.events.flatMap((event) =>
    event.type === "integrated" || event.type === "image" ? [event.type] : [],
  );
  expect(order.indexOf("image")).toBeLessThan(3);
  expect(t.now().run.status).toBe("finished");
});

test("time is told before the start, from a few steps that nobody sees, and a guess says so", async () => {
  const t = await openComparisons({ hash: "#/compare" });
  await t.settled();
  expect(t.now().run.status).toBe("idle");
  expect(t.now().timeLeft).toMatchObject({ basis: "guessed" });
  // Of 13 steps the first five are cold, and of three decodes the first.
  expect(t.now().pace.passes.light?.count).toBe(16);
  expect(t.now().pace.decode.count).toBe(2);
  expect(t.now().timedState).toBeNull();
  expect(t.now().timeLeft?.ms).toBeGreaterThan(0);
  expect(t.now().cost.spent).toEqual({ light: 0, heavy: 0 });
});

test("time is told once a model has been timed, and none is left in the end", async () => {
  const t = await openComparisons({ hash: LINK });
  await t.until(({ cost }) => cost.left.light < cost.planned.light);
  expect(t.now().timeLeft?.ms).toBeGreaterThan(0);
  await t.settled();
  expect(t.now().timeLeft).toEqual({ ms: 0, basis: "measured" });
});
