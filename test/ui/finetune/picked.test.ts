import { expect, test } from "vitest";
import { IMPORT_LIMITS } from "#datasets/limits.ts";
import { droppedFrom } from "#ui/finetune/Pictures/picked.ts";

/** A folder that a drop gives, whose reader gives `entries` a hundred at a time, and counts how often it was asked. */
function folder(name: string, entries: Iterator<object>) {
  const asked = { times: 0 };
  const readEntries = (give: (some: object[]) => void) => {
    asked.times++;
    const some: object[] = [];
    while (some.length < 100) {
      const next = entries.next();
      if (next.done) break;
      some.push(next.value);
    }
    give(some);
  };
  return { isDirectory: true, isFile: false, fullPath: name, createReader: () => ({ readEntries }), asked };
}

const file = (fullPath: string) => ({
  isFile: true,
  isDirectory: false,
  fullPath,
  file: (give: (file: File) => void) => give(new File([], fullPath.split("/").at(-1) ?? "")),
});

/** A drop, as far as it is looked at. */
const drop = (...entries: readonly object[]): Parameters<typeof droppedFrom>[0] =>
  Object.assign(Object.create(null), {
    items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })),
    files: [],
  });

function* filesOf(name: string, count = Number.POSITIVE_INFINITY) {
  for (let n = 0; n < count; n++) yield file(`${name}/${n}.png`);
}

test("a dropped folder gives every file with its path, beyond the first hundred", async () => {
  const inner = folder("/cats/small", filesOf("/cats/small", 3));
  const cats = folder("/cats", [...filesOf("/cats", 150), inner].values());
  const found = await droppedFrom(drop(cats));
  expect(found.length).toBe(153);
  expect(found[0].path).toBe("cats/0.png");
  expect(found.at(-1)?.path).toBe("cats/small/2.png");
});

test("a folder without an end is left where an import would refuse it", async () => {
  const disk = folder("/disk", filesOf("/disk"));
  const found = await droppedFrom(drop(disk));
  expect(found.length).toBe(IMPORT_LIMITS.files + 1);
  expect(disk.asked.times).toBeLessThanOrEqual(Math.ceil((IMPORT_LIMITS.files + 1) / 100));
});
