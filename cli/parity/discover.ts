import { basename } from "node:path";
import { diskFolder, foldersWith } from "./diskFolder.ts";
import { MALFORMED_LIST, runMalformed } from "./malformed.ts";
import { failed, type Outcome, sentenceOf } from "./outcome.ts";
import { runCase } from "./runCase.ts";

/** A case of a folder, or a whole folder of malformed files: each of them is a case of its own. */
export interface Discovered {
  readonly name: string;
  /** Never rejects: what goes wrong is a failed outcome. */
  run(): Promise<Outcome[]>;
}

/** Everything to run in a folder of the golden layout, sorted by name: each `.json` is a case, each folder inside with
 *  an `expected.json` holds malformed files. Rejects when the folder cannot be listed. */
export async function discover(path: string): Promise<Discovered[]> {
  const folder = await diskFolder(path);
  const cases = folder.files
    .filter((file) => file.endsWith(".json") && file !== MALFORMED_LIST)
    .map((file) => ({ name: file.replace(/\.json$/, ""), run: async () => [await runCase(folder, file)] }));
  const inner = await foldersWith(path, MALFORMED_LIST);
  const malformed = [...inner, ...(folder.files.includes(MALFORMED_LIST) ? [path] : [])];
  return [...cases, ...malformed.map(malformedFolder)].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function malformedFolder(path: string): Discovered {
  const name = basename(path);
  return {
    name,
    async run() {
      try {
        const outcomes = await runMalformed(await diskFolder(path));
        return outcomes.map(({ name: file, passed, detail }) =>
          passed
            ? { case: `${name}/${file}`, status: "passed", worst: null, detail }
            : failed(`${name}/${file}`, detail),
        );
      } catch (cause) {
        return [failed(name, sentenceOf(cause))];
      }
    },
  };
}
