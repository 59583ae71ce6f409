// @ts-check
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ROOT } from "./root.mjs";

/** @typedef {object} RunOptions
 *  @property {"inherit" | "stderr" | "ignore"} [output] where stdout and stderr go; `stderr` sends both there
 *  @property {Record<string, string>} [env] added to this process's environment
 *  @property {number} [limitMs] the program is ended after this long, and its exit code is 124
 *  @property {boolean} [stdin] give the program this process's stdin */

/** Runs a program in the project's folder to its end and resolves with its exit code (128 + signal when a signal
 *  ended it, 127 when it does not exist, 124 past the limit). SIGINT and SIGTERM are passed on. Never rejects.
 *  @param {string} program
 *  @param {readonly string[]} args
 *  @param {RunOptions} [options]
 *  @returns {Promise<number>} */
export function runProgram(program, args, { output = "stderr", env = {}, limitMs, stdin = false } = {}) {
  const out = output === "stderr" ? 2 : output;
  const err = output === "ignore" ? "ignore" : 2;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: [stdin ? "inherit" : "ignore", out, err],
    });
    let late = false;
    const timer =
      limitMs === undefined
        ? undefined
        : setTimeout(() => {
            late = true;
            child.kill("SIGTERM");
            setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
          }, limitMs);
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => child.kill(signal);
    process.on("SIGINT", passOn).on("SIGTERM", passOn);
    /** @param {number} code */
    const finish = (code) => {
      clearTimeout(timer);
      process.off("SIGINT", passOn).off("SIGTERM", passOn);
      resolve(late ? 124 : code);
    };
    child.once("error", () => finish(127));
    child.once("close", (code, signal) => finish(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  });
}

/** Runs a program of Node's with this very Node. See `runProgram`.
 *  @param {readonly string[]} args
 *  @param {RunOptions} [options]
 *  @returns {Promise<number>} */
export const runNode = (args, options) => runProgram(process.execPath, args, options);
