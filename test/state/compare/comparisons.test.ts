import { describe, expect, test } from "vitest";
import { plus } from "#compare/course.ts";
import { axisOf } from "#compare/values.ts";
import { finalLatent } from "#state/compare/progress.ts";
import { tinyJob } from "../../workers/testEngine.ts";
import { LINK, openComparisons } from "./openComparisons.ts";

type Opened = Awaited<ReturnType<typeof openComparisons>>;

const statuses = (t: Opened) => {
  const { grid, drawings } = t.now();
  return grid?.cells.map(({ key }) => drawings[key]?.status);
};

const units = (t: Opened) => t.requests.filter((request) => request.type === "integrate");

/** Evaluations that the engine says it has made. */
const made = (t: Opened) =>
  t.of("integrated").reduce((sum, { nfe, states }) => plus(sum, nfe, states.length), { light: 0, heavy: 0 });

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

test.each(["euler", "heun", "ab2"] as const)(
  "every cell is the picture that generate makes, bit for bit, with %s",
  async (solver) => {
    const t = await openComparisons({
      hash: LINK.replace("solver=euler", `solver=${solver}`).replace("class=one", "class=mixed"),
    });
    await t.settled();
    const { grid, drawings } = t.now();
    const pictures = grid?.cells.map((cell) => {
      const drawing = drawings[cell.key];
      return drawing?.status === "finished" ? drawing.picture.settings.sha256 : null;
    });
    const generated: (string | undefined)[] = [];
    for (const [i, cell] of (grid?.cells ?? []).entries()) {
      const { seed, label, model, tau, steps, guidance } = cell.settings;
      const id = 1000 + i;
      const job = tinyJob({
        images: [{ seed, label }],
        model,
        tau,
        steps,
        solver,
        guidance,
        previews: false,
      });
      t.engine.handle({ type: "generate", id, job });
      await t.engine.idle();
      generated.push(t.of("image").find((image) => image.id === id)?.sha256);
    }
    expect(pictures).toEqual(generated);
    // τ = 0 is heavy alone and, with Euler and AB2, τ = 1 is light alone.
    expect(new Set(pictures).size).toBe(6);
  },
);

describe("what is computed", () => {
  test("goes one thing at a time, and never more than the engine's own batch", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    let open = 0;
    let most = 0;
    const works = new Set(
      t.requests.flatMap((one) =>
        "id" in one && one.type !== "load" && one.type !== "cancel" ? [one.id] : [],
      ),
    );
    expect(works.size).toBeGreaterThan(8);
    for (const event of t.events) {
      if (!("id" in event) || !works.has(event.id)) continue;
      if (["integrated", "done", "cancelled", "failed"].includes(event.type)) open--;
    }
    expect(open).toBe(-works.size);
    for (const request of t.requests)
      if (request.type === "integrate") most = Math.max(most, request.job.starts.length);
    expect(most).toBe(1);
  });

  test("is recorded on the way, from the first step to the last, and trunks are shared to the byte", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const { grid, drawings } = t.now();
    const points = (cell: number) => drawings[grid?.cells[cell]?.key ?? ""]?.track.points ?? [];
    expect(points(2).map(({ step, served }) => [step, served])).toEqual([
      ...[0, 1, 2, 3].map((step) => [step, "light"]),
      ...[4, 5, 6, 7].map((step) => [step, "heavy"]),
    ]);
    expect(points(2)[3]?.state).toBe(points(4)[3]?.state);
    expect(points(2).every(({ preview }) => preview?.width === 4)).toBe(true);
    const last = points(2).at(-1);
    expect(last?.tNext).toBe(1);
    expect(last?.state).toEqual(finalLatent(t.now(), grid?.cells[2]?.key ?? ""));
  });

  test.each(["euler", "heun", "ab2"] as const)(
    "pauses within the unit, and comes to the same end; what is computed again is spent again, with %s",
    async (solver) => {
      const hash = LINK.replace("solver=euler", `solver=${solver}`);
      const shas = (of: Opened) =>
        Object.values(of.now().drawings).map(
          (one) => one.status === "finished" && one.picture.settings.sha256,
        );
      const whole = await openComparisons({ hash });
      await whole.settled();
      const t = await openComparisons({ hash });
      // In the middle of a stretch that follows a trunk.
      await t.until(
        ({ work }) => work?.kind === "unit" && work.unit.from > 0 && work.reached >= work.unit.from + 2,
      );
      t.comparisons.pause();
      await t.settled();
      expect(t.now().run.status).toBe("paused");
      expect(t.now().work).toBeNull();
      expect(statuses(t)).not.toContain("running");
      expect(statuses(t)).toContain("waiting");
      t.comparisons.resume();
      await t.settled();
      expect(t.now().run.status).toBe("finished");
      expect(shas(t).sort()).toEqual(shas(whole).sort());
      // Whatever the engine has told a step of was spent.
      const steps = t.of("step").reduce((sum, { count }) => sum + count, 0);
      const { spent, planned } = t.now().cost;
      expect(spent.light + spent.heavy).toBe(steps * (solver === "heun" ? 2 : 1));
      if (solver === "ab2") expect(spent.heavy).toBeGreaterThan(planned.heavy);
      else expect(spent).toEqual(planned);
      // A solver without memory goes on where it was; one with memory begins the stretch anew.
      const again = units(t).some(({ job }) => job.from > 4);
      expect(again).toBe(solver !== "ab2");
    },
  );

  test("stops for good when it is cancelled, and goes on from there when it is started", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.until(({ cost }) => cost.spent.heavy > 0);
    t.comparisons.cancel();
    await t.settled();
    expect(t.now().run.status).toBe("idle");
    expect(statuses(t)).not.toContain("running");
    t.comparisons.start();
    await t.settled();
    expect(t.now().run.status).toBe("finished");
  });

  test("goes on without losing a finished cell when the device goes away", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.until(({ work, drawings }) => {
      const done = Object.values(drawings).filter(({ status }) => status === "finished");
      return work?.kind === "unit" && done.length >= 2;
    });
    const before = t.of("decoded").length;
    t.session.send({ type: "fault", fault: "lose-device" });
    await t.settled();
    expect(t.now().run.status).toBe("finished");
    expect(t.of("decoded").length).toBe(6);
    expect(before).toBeGreaterThanOrEqual(2);
    expect(t.now().cost.spent).toEqual(t.now().cost.planned);
  });

  test("says why it cannot go on when memory runs out for a single picture, and can be started again", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.until(({ work }) => work?.kind === "unit");
    t.session.send({ type: "fault", fault: "next-allocation-fails" });
    await t.settled();
    expect(t.now().run).toMatchObject({ status: "failed", error: { kind: "OutOfMemory" } });
    t.comparisons.start();
    await t.settled();
    expect(t.now().run.status).toBe("finished");
  });
});

describe("another axis", () => {
  test("keeps the cells that still apply and computes only what is missing", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const before = made(t);
    const kept = t.now().drawings;
    t.change({ rows: axisOf("tau", "0, 0.25, 0.5, 1") });
    expect(statuses(t)).toEqual(["finished", "finished", "waiting", "waiting", ...Array(4).fill("finished")]);
    expect(t.now().run.status).toBe("idle");
    const { planned, kept: had } = t.now().cost;
    t.comparisons.start();
    await t.settled();
    expect(t.now().run.status).toBe("finished");
    // Branches at t = 0.25 (step 2) leave trunks whose state there is known: 6 heavy steps a seed.
    expect(made(t)).toEqual(plus(before, { light: 0, heavy: 12 }));
    expect(plus(had, t.now().cost.spent)).toEqual(planned);
    for (const [key, drawing] of Object.entries(kept)) expect(t.now().drawings[key]).toBe(drawing);
  });

  test("while it runs goes on with the new grid", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.until(({ work }) => work?.kind === "unit");
    t.change({ columns: axisOf("seed", "2-3") });
    await t.settled();
    expect(t.now().run.status).toBe("finished");
    expect(statuses(t)).toEqual(Array(6).fill("finished"));
    expect(t.now().grid?.cells.map(({ settings }) => settings.seed)).toEqual([2, 3, 2, 3, 2, 3]);
    expect(t.address()).toContain("columns=seed:2-3");
  });

  test("that makes no grid keeps everything until it does again", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const { rows } = t.now().settings;
    t.change({ rows: axisOf("class", "nobody") });
    expect(t.now().problem).toMatchObject({ kind: "UnknownClass" });
    t.change({ rows });
    expect(t.now().run.status).toBe("finished");
    expect(statuses(t)).toEqual(Array(6).fill("finished"));
  });

  test("and nothing of it is kept when everything is cleared", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    t.comparisons.clear();
    await t.settled();
    expect(t.now().stretches).toEqual({});
    expect(new Set(statuses(t))).toEqual(new Set(["waiting"]));
    expect(t.now().numbers.every((one) => one === null)).toBe(true);
    t.comparisons.start();
    await t.settled();
    expect(t.now().run.status).toBe("finished");
    expect(t.now().numbers.every((one) => one?.image)).toBe(true);
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

describe("measuring", () => {
  test("compares every cell with the same seed under the reference's settings", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const { numbers, grid, partners } = t.now();
    expect(partners).toEqual([0, 1, 0, 1, 0, 1]);
    numbers.forEach((one, i) => {
      expect(one?.against).toBe(grid?.cells[partners[i] ?? -1]?.key);
    });
    expect(numbers[0]).toMatchObject({
      latentCosine: 1,
      image: { mse: 0, psnr: null, ssim: 1 },
      embeddingCosine: 1,
    });
    expect(numbers[2]?.image?.psnr).toBeGreaterThan(0);
    expect(numbers[2]?.along?.t.length).toBe(8);
    expect(numbers[2]?.attributes?.of).toBeGreaterThan(0);
  });

  test("is done again when the reference is another, and nothing is drawn for it", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const sent = t.requests.length;
    t.change({ reference: { panel: 0, row: 2, column: 1 } });
    await t.settled();
    expect(t.requests.length).toBe(sent);
    const { numbers, partners } = t.now();
    expect(partners).toEqual([4, 5, 4, 5, 4, 5]);
    expect(numbers[4]?.image?.psnr).toBeNull();
    expect(numbers[0]?.image?.psnr).not.toBeNull();
    expect(t.address()).toContain("reference=3.2.1");
  });

  test("trajectories agree until the switch and part from there", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    t.change({ reference: { panel: 0, row: 2, column: 0 } });
    await t.settled();
    const along = t.now().numbers[2]?.along;
    // τ = 0.5 against τ = 1: light until t = 0.5, so the first four states are one and the same.
    expect(along?.t.slice(0, 4).map((t) => Number(t.toFixed(3)))).toEqual([0.125, 0.25, 0.375, 0.5]);
    expect(along?.cosine.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect(along?.cosine.at(-1)).toBeLessThan(1);
    expect(along?.cosine.at(-1)).toBeCloseTo(t.now().numbers[2]?.latentCosine ?? 0, 12);
  });

  test("says how alike each setting draws all seeds, with an interval, and the reference itself is 1", async () => {
    const t = await openComparisons({ hash: LINK.replace("seed:1-2", "seed:1-4") });
    await t.settled();
    const { lines } = t.now();
    expect(lines.map(({ cells, seeds }) => [cells, seeds])).toEqual([
      [[0, 1, 2, 3], 4],
      [[4, 5, 6, 7], 4],
      [[8, 9, 10, 11], 4],
    ]);
    expect(lines[0]?.s).toBeCloseTo(1, 12);
    expect(lines[0]?.sNorm).toBeCloseTo(1, 12);
    const [, half] = lines;
    expect(half?.interval?.[0]).toBeLessThanOrEqual(half?.sNorm ?? Number.NaN);
    expect(half?.interval?.[1]).toBeGreaterThanOrEqual(half?.sNorm ?? Number.NaN);
  });

  test("gives no interval of two or three seeds, and the same the other way round", async () => {
    const t = await openComparisons({ hash: LINK.replace("seed:1-2", "seed:1-3") });
    await t.settled();
    const forth = t.now().lines[1];
    expect(forth).toMatchObject({ seeds: 3, sNorm: expect.any(Number), interval: null });
    t.change({ reference: { panel: 0, row: 1, column: 0 } });
    await t.settled();
    const back = t.now().lines[0];
    expect(back?.sUnrel).toBeCloseTo(forth?.sUnrel ?? Number.NaN, 10);
    expect(back?.sNorm).toBeCloseTo(forth?.sNorm ?? Number.NaN, 10);
  });

  test("gives s alone where every seed has a class of its own", async () => {
    const t = await openComparisons({ hash: LINK.replace("class=one", "class=mixed") });
    await t.settled();
    expect(t.now().lines[1]).toMatchObject({ seeds: 2, sUnrel: null, sNorm: null, interval: null });
    expect(t.now().lines[0]?.s).toBeCloseTo(1, 12);
  });
});

describe("the scrubber", () => {
  test("decodes x̂1 of the cells in sight where it rests, and lets go of it when it moves on", async () => {
    const t = await openComparisons({ hash: LINK });
    await t.settled();
    const keys =
      t
        .now()
        .grid?.cells.slice(0, 4)
        .map(({ key }) => key) ?? [];
    t.comparisons.scrub(0.3);
    expect(t.now().scrub).toEqual({ t: 0.3, decoded: {} });
    t.comparisons.rested(keys);
    await t.settled();
    expect(Object.keys(t.now().scrub?.decoded ?? {}).sort()).toEqual([...keys].sort());
    t.comparisons.scrub(0.4);
    expect(t.now().scrub?.decoded).toEqual({});
    t.comparisons.scrub(null);
    expect(t.now().scrub).toBeNull();
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

test("comparisons are kept by name, shown again, and a browser that refuses is told of", async () => {
  const t = await openComparisons({ hash: LINK });
  await t.settled();
  await t.comparisons.save("  τ moves ");
  t.change({ rows: axisOf("steps", "3, 5") });
  await t.comparisons.save("steps");
  const saved = await t.comparisons.listSaved();
  expect(saved.map(({ name, settings }) => [name, settings.rows.name])).toEqual([
    ["steps", "steps"],
    ["τ moves", "tau"],
  ]);
  expect(saved[1]?.thumbnail).toMatchObject({ width: 64, height: 96 });
  await t.comparisons.openSaved(saved[1]?.id ?? "");
  await t.settled();
  expect(t.now().settings.rows.values).toEqual([0, 0.5, 1]);
  expect(t.now().run.status).toBe("finished");
  await t.comparisons.renameSaved(saved[1]?.id ?? "", "  the switch ");
  await t.comparisons.renameSaved(saved[1]?.id ?? "", "   ");
  expect((await t.comparisons.listSaved()).map(({ name }) => name)).toEqual(["steps", "the switch"]);
  await t.comparisons.removeSaved(saved[0]?.id ?? "");
  expect((await t.comparisons.listSaved()).length).toBe(1);
  t.memory.refuse(new Error("no storage"));
  await t.comparisons.save("again");
  expect(await t.comparisons.listSaved()).toEqual([]);
  expect(t.store.getState().notices.at(-1)).toMatchObject({ kind: "comparisons-failed" });
});

test("a cell opens in Generate with everything that made it", async () => {
  const t = await openComparisons({ hash: LINK });
  await t.settled();
  const cell = t.now().grid?.cells[3];
  if (cell) t.comparisons.openInGenerate(cell);
  await t.settled();
  const { page, batch } = t.store.getState();
  expect(page).toBe("generate");
  const drawn = batch?.cells[0];
  const compared = t.now().drawings[cell?.key ?? ""];
  expect(drawn?.status === "finished" && drawn.image.settings).toEqual(
    compared?.status === "finished" && compared.picture.settings,
  );
  expect(t.address()).toContain("#/generate?family=tiny&seed=2");
});

test("Back from a cell that was opened in Generate leads to the grid, which is still finished", async () => {
  const t = await openComparisons({ hash: LINK });
  await t.settled();
  const grid = t.address();
  const cell = t.now().grid?.cells[3];
  if (cell) t.comparisons.openInGenerate(cell);
  await t.settled();
  expect(t.history).toEqual([grid]);
  const sent = t.requests.length;
  t.store.dispatch({ type: "page-opened", page: "compare" });
  t.goTo(grid);
  await t.settled();
  expect(t.now().run.status).toBe("finished");
  expect(statuses(t)).toEqual(Array(6).fill("finished"));
  expect(t.requests.length).toBe(sent);
});
