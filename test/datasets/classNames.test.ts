import { expect, test } from "vitest";
import { classNames, folderOf } from "#datasets/classNames.ts";

test.each([
  ["what all folders share is left out", ["set/train/cats", "set/train/dogs"], ["cats", "dogs"]],
  ["a folder inside a class is a class of its own", ["cats", "cats/small"], ["cats", "cats/small"]],
  ["a shared folder that holds pictures itself keeps its name", ["a/set", "a/set/set"], ["set", "set/set"]],
  ["one folder is one class", ["holiday/2024"], ["2024"]],
  ["pictures without a folder are called as the set is", ["", "dogs"], ["mine", "dogs"]],
  ["even where a folder is called so", ["", "mine"], ["mine (no folder)", "mine"]],
  ["no folder at all", [""], ["mine"]],
  ["no pictures at all", [], []],
  ["folders with a common beginning of their names share nothing", ["cat", "cattle"], ["cat", "cattle"]],
])("%s", (_claim, folders, names) => {
  expect(classNames(folders, "mine")).toEqual(names);
  expect(new Set(names).size).toBe(folders.length);
});

test("a file's folder is its path without its name", () => {
  expect([folderOf("a/b/c.png"), folderOf("c.png")]).toEqual(["a/b", ""]);
});
