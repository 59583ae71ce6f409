import { browserFiles } from "#files/browserFiles.ts";
import { createRuns, type Runs } from "./runs.ts";

const NAME = "steadyflow-runs";

/** The runs of this browser. Nothing is opened before it is first asked for. */
export const browserRuns = (): Runs =>
  createRuns(browserFiles(NAME), typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME));
