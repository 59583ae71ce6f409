import { describe, expect, test } from "vitest";
import { plus } from "#compare/course.ts";
import { axisOf } from "#compare/values.ts";
import { finalLatent } from "#state/compare/progress.ts";
import { tinyJob } from "../../workers/testEngine.ts";
import { LINK, made, type Opened, openComparisons, statuses, units } from "./openComparisons.ts";

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
