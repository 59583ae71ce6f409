import { describe, expect, test } from "vitest";
import { placeAfter } from "#ui/compare/Grid/keyboard.ts";
import { CAPTION, GAP, gridLayout, HEAD, namesWidth, pitchOf, spanInSight } from "#ui/compare/Grid/layout.ts";
import { marksOf } from "#ui/compare/Grid/marks.ts";
import { gridOfSettings, lineOf } from "./support.ts";

const desk = { columns: 4, rows: 5, image: 64, density: 1, width: 760, height: 680, aside: 214, zoom: null };

describe("size of the pictures", () => {
  test("all of a small grid is in sight", () => {
    const { side } = gridLayout(desk);
    expect(side).toBe(96);
    expect(HEAD + 5 * (side + CAPTION + GAP)).toBeLessThanOrEqual(desk.height);
  });

  test("with room they are as large as it allows, by whole pixels", () => {
    expect(gridLayout({ ...desk, width: 1300, height: 1200 })).toEqual({ side: 192, zoom: 3, even: true });
  });

  test("where the height cannot hold them large enough, the width counts and the grid scrolls", () => {
    expect(gridLayout({ ...desk, rows: 40 }).side).toBe(96);
    expect(gridLayout({ ...desk, columns: 16, rows: 16 }).side).toBe(64);
  });

  test("half a pixel more is even on a screen of twice the density alone", () => {
    expect(gridLayout({ ...desk, zoom: 1.5 }).even).toBe(false);
    expect(gridLayout({ ...desk, zoom: 1.5, density: 2 }).even).toBe(true);
  });

  test("a chosen enlargement wins over the room", () => {
    expect(gridLayout({ ...desk, zoom: 4 }).side).toBe(256);
  });

  test("long names get room within limits", () => {
    expect(namesWidth(["τ 0"], false)).toBe(52);
    expect(namesWidth(["τ 0"], true)).toBe(66);
    expect(namesWidth(["coarse-to-fine (zoo-complement)"], false)).toBe(132);
    expect(namesWidth(["coarse-to-fine"], false)).toBeGreaterThan(100);
  });
});

describe("what is in sight", () => {
  const rows = { start: HEAD, pitch: pitchOf(64).y, count: 16 };

  test("rows between the edges, and two more on either side", () => {
    const from = HEAD + 5 * rows.pitch;
    expect(spanInSight({ from, to: from + 3 * rows.pitch }, rows, 2)).toEqual({ first: 3, last: 10 });
  });

  test("never more than there are", () => {
    expect(spanInSight({ from: -500, to: 10_000 }, rows, 2)).toEqual({ first: 0, last: 16 });
  });

  test("nothing of a panel that is far away", () => {
    expect(spanInSight({ from: 5000, to: 5600 }, rows, 2)).toEqual({ first: 0, last: 0 });
    expect(spanInSight({ from: -5000, to: -4400 }, rows, 2)).toEqual({ first: 0, last: 0 });
  });
});

describe("keys", () => {
  const size = { panels: 2, rows: 3, columns: 4 };
  const at = (panel: number, row: number, column: number) => ({ panel, row, column });

  test.each([
    ["ArrowRight", false, at(0, 0, 0), at(0, 0, 1)],
    ["ArrowRight", false, at(0, 0, 3), at(0, 0, 3)],
    ["ArrowLeft", false, at(0, 1, 0), at(0, 1, 0)],
    ["ArrowDown", false, at(0, 2, 1), at(1, 0, 1)],
    ["ArrowUp", false, at(1, 0, 1), at(0, 2, 1)],
    ["ArrowUp", false, at(0, 0, 1), at(0, 0, 1)],
    ["ArrowDown", false, at(1, 2, 1), at(1, 2, 1)],
    ["PageDown", false, at(0, 0, 2), at(1, 1, 2)],
    ["Home", false, at(1, 2, 3), at(1, 2, 0)],
    ["End", false, at(1, 2, 0), at(1, 2, 3)],
    ["Home", true, at(1, 2, 3), at(0, 0, 0)],
    ["End", true, at(0, 0, 0), at(1, 2, 3)],
  ])("%s (control %s) from %o leads to %o", (key, control, from, to) => {
    expect(placeAfter(key, control, from, size)).toEqual(to);
  });

  test("other keys move nothing", () => {
    expect(placeAfter("a", false, at(0, 0, 0), size)).toBeNull();
  });
});

describe("similarities at the margin", () => {
  test("stand beside the rows when seeds run across", () => {
    const { grid, lines } = gridOfSettings({ rows: "tau:0,0.5,1", columns: "seed:1-4" });
    const marks = marksOf(grid, lines.map(lineOf));
    expect(marks?.at).toBe("rows");
    expect(marks?.lines.map((line) => line?.cells[0])).toEqual([0, 4, 8]);
  });

  test("stand below the columns when seeds run down, panel by panel", () => {
    const { grid, lines } = gridOfSettings({ rows: "seed:1-2", columns: "tau:0,1", panels: "steps:10,20" });
    const marks = marksOf(grid, lines.map(lineOf));
    expect(marks?.at).toBe("columns");
    expect(marks?.lines.map((line) => line?.cells[0])).toEqual([0, 1, 4, 5]);
  });

  test("stand nowhere when seeds run from panel to panel, or nowhere at all", () => {
    const across = gridOfSettings({ rows: "tau:0,1", columns: "steps:10,20", panels: "seed:1-2" });
    expect(marksOf(across.grid, across.lines.map(lineOf))).toBeNull();
    expect(marksOf(across.grid, [])).toBeNull();
  });
});
