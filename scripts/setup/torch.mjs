// @ts-check
import { execFileSync } from "node:child_process";
import { canInstallPackages, installPackages } from "./apt.mjs";
import { say } from "./say.mjs";

/** Of the distribution: what the training part in Python imports. */
const PACKAGES = ["python3-torch", "python3-numpy", "python3-pil"];
const INTERPRETERS = ["python3", "/usr/bin/python3"];

/** A Python with torch, numpy and PIL, installed (as root, or in CI) when there is none; otherwise the reason why not.
 *  @returns {Promise<{ path: string } | { missing: string }>} */
export async function ensureTorch() {
  const present = findTorch();
  if (present !== null) return { path: present };
  const apt = canInstallPackages();
  if (apt) {
    say("no Python with torch found: installing the distribution's package …");
    await installPackages(PACKAGES);
    const installed = findTorch();
    if (installed !== null) return { path: installed };
  }
  return {
    missing: `no Python with torch, numpy and PIL on this machine${apt ? ", and apt-get did not bring one" : ""}. Install PyTorch.`,
  };
}

/** Path of an interpreter that can import what pretrain/ imports (Python 3.11 or later), or null. */
function findTorch() {
  const probe = "import sys, torch, numpy, PIL, tomllib; print(sys.executable)";
  for (const interpreter of INTERPRETERS) {
    try {
      return execFileSync(interpreter, ["-c", probe], {
        encoding: "utf8",
        timeout: 120_000,
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    } catch {
      // the next one
    }
  }
  return null;
}
