import type { CaseFolder } from "../../cli/parity/caseFolder.ts";

/** The golden folder as the test server serves it; only the names are taken from the glob. */
export const goldenFolder: CaseFolder = {
  files: Object.keys(import.meta.glob("../fixtures/golden/*", { query: "?url" })).map((path) =>
    path.replace(/^.*\//, ""),
  ),
  async read(name) {
    const response = await fetch(new URL(`/test/fixtures/golden/${name}`, location.origin));
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  },
};
