import { afterAll, describe, expect, test } from "vitest";
import { browserFiles } from "#files/browserFiles.ts";
import { indexedFiles } from "#files/indexedFiles.ts";
import { opfsFiles } from "#files/opfsFiles.ts";

const NAME = "steadyflow-test-files";
afterAll(() => browserFiles(NAME).destroy());

describe.each([
  ["the private file system", () => opfsFiles(NAME)],
  ["IndexedDB", async () => indexedFiles(NAME)],
])("byte files in %s", (_, open) => {
  test("give back what was written, whole or in part, and the new in place of the old", async () => {
    const files = await open();
    await files.write("a/b/c", [Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5)]);
    expect(await files.read("a/b/c")).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    expect(await files.read("a/b/c", 1, 3)).toEqual(Uint8Array.of(2, 3));
    expect(await files.read("a/b/c", 4, 99)).toEqual(Uint8Array.of(5));
    await files.write("a/b/c", [Uint8Array.of(9)]);
    expect(await (await open()).read("a/b/c")).toEqual(Uint8Array.of(9));
    expect(await files.read("a/b/none")).toBeNull();
    expect(await files.read("none/b/c")).toBeNull();
  });

  test("are listed by name with their sizes, and removed by the beginning of their names", async () => {
    const files = await open();
    await files.remove("");
    for (const name of ["x/1", "x/2", "xy", "z"]) await files.write(name, [new Uint8Array(name.length)]);
    expect(await files.list("x/")).toEqual([
      { name: "x/1", bytes: 3 },
      { name: "x/2", bytes: 3 },
    ]);
    await files.remove("x/");
    expect((await files.list("")).map(({ name }) => name)).toEqual(["xy", "z"]);
  });
});

test("who had the folder before it was deleted reads nothing, makes none by looking, and can write again", async () => {
  const [mine, anothers] = [await opfsFiles(NAME), await opfsFiles(NAME)];
  await anothers.write("set/pixels/0", [Uint8Array.of(1)]);
  await browserFiles(NAME).destroy();
  const folders = async () => {
    const names: string[] = [];
    for await (const [name] of (await navigator.storage.getDirectory()).entries()) names.push(name);
    return names.filter((name) => name === NAME);
  };
  expect([await anothers.read("set/pixels/0"), await mine.list("")]).toEqual([null, []]);
  await mine.remove("set/");
  expect(await folders()).toEqual([]);
  await anothers.write("set/pixels/0", [Uint8Array.of(2)]);
  expect(await mine.read("set/pixels/0")).toEqual(Uint8Array.of(2));
  await mine.remove("set/");
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(NAME);
  await expect(folder.getDirectoryHandle("set")).rejects.toThrow(); // no empty folder is left behind
});

test("all byte files of a name are gone when it is destroyed, and may be written again", async () => {
  const files = browserFiles(NAME);
  await files.write("kept", [Uint8Array.of(1)]);
  await files.destroy();
  expect(await browserFiles(NAME).list("")).toEqual([]);
  await files.write("again", [Uint8Array.of(2)]);
  expect(await browserFiles(NAME).read("again")).toEqual(Uint8Array.of(2));
});
