import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const FOLDERS = ["src", "cli", "test", "bench", "scripts"];
/** AssemblyScript: its own compiler checks it, with the types of its own tsconfig.json. */
const NOT_TYPESCRIPT = "src/simd/assembly/";

const json = async (file: string) => JSON.parse(await readFile(join(ROOT, file), "utf8"));

/** Projects of the root tsconfig.json, which is what editors open. */
async function editorProjects(): Promise<string[]> {
  const { files, include, references } = await json("tsconfig.json");
  expect({ files, include }).toEqual({ files: [], include: undefined }); // no file under a third set of options
  return references.map(({ path }: { readonly path: string }) => relative(".", path));
}

test("editors check with the very projects of `npm run typecheck`", async () => {
  const { scripts } = await json("package.json");
  const checked = [...scripts.typecheck.matchAll(/-p (\S+)/g)].map(([, project]) => project);
  expect(await editorProjects()).toEqual(checked);
});

test("every TypeScript file belongs to one of these projects", async () => {
  const owned = new Set<string>();
  for (const project of await editorProjects()) {
    const args = [TSC, "-p", join(ROOT, project), "--listFilesOnly"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
    for (const file of stdout.split(/\r?\n/)) owned.add(relative(ROOT, file).replaceAll("\\", "/"));
  }
  for (const folder of FOLDERS) {
    const names = await readdir(join(ROOT, folder), { recursive: true });
    const typed = names
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name).replaceAll("\\", "/"));
    expect(typed.filter((file) => !owned.has(file) && !file.startsWith(NOT_TYPESCRIPT))).toEqual([]);
  }
});
