// @ts-check
import { say } from "./say.mjs";

/** What is wrong with a Node version such as `20.18.1`, as a sentence, or null when it will do.
 *  The limits are vite 8's: 20.19 or later of 20, 22.12 or later.
 *  @param {string} version
 *  @returns {string | null} */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return null;
  return `Node ${version} is too old here: please install Node 20.19 or later, or 22.12 or later (https://nodejs.org), and try again.`;
}

/** Ends the process with a sentence when this Node is too old. Call it first in every script. */
export function requireNode() {
  const problem = nodeProblem(process.versions.node);
  if (problem === null) return;
  say(problem);
  process.exit(1);
}
