import { expect, test } from "vitest";
import { axisOf } from "#compare/values.ts";
import { LINK, openComparisons, statuses } from "./openComparisons.ts";

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
