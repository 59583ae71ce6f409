// @ts-check
import { existsSync } from "node:fs";
import { runProgram } from "./run-program.mjs";

const isRoot = () => process.getuid?.() === 0;

/** Whether packages of the distribution may be installed here: as root, or in CI with sudo, where there is apt. */
export const canInstallPackages = () =>
  (isRoot() || Boolean(process.env.CI)) && existsSync("/usr/bin/apt-get");

/** Installs packages of the distribution, quietly; whether that brought what was wanted is for the caller to see.
 *  @param {readonly string[]} packages */
export async function installPackages(packages) {
  const [program = "apt-get", ...before] = [...(isRoot() ? [] : ["sudo", "-n"]), "apt-get"];
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, limitMs: 8 * 60_000 };
  await runProgram(program, [...before, "update", "-qq"], options);
  await runProgram(
    program,
    [...before, "install", "-y", "-qq", "--no-install-recommends", ...packages],
    options,
  );
}
