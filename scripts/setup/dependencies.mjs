// @ts-check
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.mjs";
import { runNode, runProgram } from "./run-program.mjs";
import { inWords, say } from "./say.mjs";

/** Why the packages have to be installed in `root`, as a sentence's end, or null when they are there.
 *  They are there when our stamp holds the lock file's hash, or when npm installed after the lock file's last change
 *  (someone ran `npm install` by hand).
 *  @param {string} root
 *  @returns {string | null} */
export function whyInstall(root) {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json"); // npm writes it when it is done
  if (!existsSync(installed)) return "the packages are not installed yet";
  const stamp = stampFile(root);
  if (existsSync(stamp)) {
    return readFileSync(stamp, "utf8") === hashOf(lock) ? null : "package-lock.json has changed";
  }
  return statSync(installed).mtimeMs >= statSync(lock).mtimeMs ? null : "package-lock.json is newer";
}

/** Installs the packages of the lock file when they are missing or out of date; ends the process with a sentence
 *  when npm fails. Everything it prints goes to stderr. */
export async function ensureDependencies() {
  const why = whyInstall(ROOT);
  if (why !== null) {
    say(`${why}: running npm ci, about a minute …`);
    const started = Date.now();
    const code = await npm(["ci", "--include=dev", "--no-audit", "--no-fund"]);
    if (code !== 0) {
      say(`npm ci failed (exit code ${code}); its own message stands above. Is there a network connection?`);
      process.exit(1);
    }
    say(`packages installed in ${inWords(Date.now() - started)}.`);
  }
  writeFileSync(stampFile(ROOT), hashOf(join(ROOT, "package-lock.json")));
}

/** @param {string} root */
const stampFile = (root) => join(root, "node_modules", ".steadyflow-lock-sha256");

/** @param {string} file */
const hashOf = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

/** The npm that started us, else the one on PATH.
 *  @param {string[]} args */
function npm(args) {
  const self = process.env.npm_execpath;
  if (self !== undefined && /npm-cli\.c?js$/.test(self)) return runNode([self, ...args]);
  return runProgram(process.platform === "win32" ? "npm.cmd" : "npm", args);
}
