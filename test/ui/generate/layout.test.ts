import { describe, expect, test } from "vitest";
import { CAPTION, captionLook, GAP, gridLayout } from "#ui/generate/ResultGrid/layout.ts";
import { countsText, ticksOf } from "#ui/generate/TauSlider/layout.ts";

const desktop = { width: 990, height: 650, image: 64, density: 1, columns: null };

describe("grid", () => {
  test("one picture is as large as the room allows, by whole pixels", () => {
    expect(gridLayout({ ...desktop, cells: 1 })).toEqual({ columns: 1, side: 576, even: true });
  });

  test.each([1, 2, 3, 4, 5, 8, 9, 16, 25, 36, 64])(
    "%d pictures never pass the width and stay large enough to be judged",
    (cells) => {
      for (const width of [358, 700, 990, 1800]) {
        const { columns, side } = gridLayout({ ...desktop, cells, width });
        expect(columns * side + (columns - 1) * GAP).toBeLessThanOrEqual(width);
        expect(side).toBeGreaterThanOrEqual(100);
        expect(columns).toBeLessThanOrEqual(cells);
      }
    },
  );

  test("pictures that fit stay within the height", () => {
    const { columns, side } = gridLayout({ ...desktop, cells: 8 });
    const rows = Math.ceil(8 / columns);
    expect(rows * (side + CAPTION) + (rows - 1) * GAP).toBeLessThanOrEqual(desktop.height);
  });

  test("three models keep their three columns on any width", () => {
    expect(gridLayout({ ...desktop, cells: 24, columns: 3 }).columns).toBe(3);
    const phone = gridLayout({ ...desktop, cells: 3, columns: 3, width: 358 });
    expect(phone.columns).toBe(3);
    expect(phone.side * 3 + GAP * 2).toBeLessThanOrEqual(358);
  });

  test("on a dense screen a picture pixel is a whole number of device pixels", () => {
    const { side, even } = gridLayout({ ...desktop, cells: 1, width: 358, density: 3 });
    expect(even).toBe(true);
    expect((side * 3) % 64).toBe(0);
  });

  test("an enlargement that would waste a quarter of the room is given up for an uneven one", () => {
    expect(gridLayout({ ...desktop, cells: 1, image: 256, width: 500 })).toEqual({
      columns: 1,
      side: 500,
      even: false,
    });
  });
});

test("words under a picture are set by the room there is", () => {
  expect(captionLook(512, false)).toBe("wide");
  expect(captionLook(352, false)).toBe("tall");
  expect(captionLook(192, false)).toBe("line");
  expect(captionLook(111, true)).toBe("short");
  expect(captionLook(320, true)).toBe("line");
});

describe("ticks", () => {
  test("a mark stands where its step begins", () => {
    expect(ticksOf(["light", "light", "heavy", "heavy"])).toEqual([
      { at: 0, served: "light" },
      { at: 0.25, served: "light" },
      { at: 0.5, served: "heavy" },
      { at: 0.75, served: "heavy" },
    ]);
  });

  test("a thousand steps share a hundred-odd marks, and both models still show", () => {
    const ticks = ticksOf(Array.from({ length: 999 }, (_, i) => (i < 700 ? "light" : "heavy")));
    expect(ticks.length).toBeLessThanOrEqual(120);
    expect(ticks.filter(({ served }) => served === "light").length / ticks.length).toBeCloseTo(0.7, 1);
  });

  test("counts name only the models that serve", () => {
    expect(countsText({ light: 42, heavy: 17 })).toBe("42 light + 17 heavy");
    expect(countsText({ light: 59, heavy: 0 })).toBe("59 light");
  });
});
