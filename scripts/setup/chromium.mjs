// @ts-check
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { canInstallPackages, installPackages } from "./apt.mjs";
import { ROOT } from "./root.mjs";
import { runNode } from "./run-program.mjs";
import { say } from "./say.mjs";

const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Flags of every Chromium that tests start: WebGPU computed by SwiftShader (right on any machine, slow on all of
 *  them), and nothing that reaches out to the network by itself. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox", // containers rarely allow the sandbox's user namespaces
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--no-first-run",
  "--disable-dev-shm-usage", // /dev/shm is 64 MB in many containers
];

/** Path of the Chromium on this machine, or null: the variable CHROMIUM_PATH, then the usual names on PATH.
 *  @param {Readonly<Record<string, string | undefined>>} [env]
 *  @returns {string | null} */
export function findSystemChromium(env = process.env) {
  if (env.CHROMIUM_PATH && isExecutable(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH;
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of SYSTEM_NAMES) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found !== undefined) return found;
  }
  return null;
}

/** Path of the Chromium that Playwright downloaded, or null. Needs node_modules.
 *  @returns {Promise<string | null>} */
export async function findPlaywrightChromium() {
  const { chromium } = await import("playwright");
  const path = chromium.executablePath();
  return path !== "" && existsSync(path) ? path : null;
}

/** A Chromium that starts, installed when there is none: the system's, else the one Playwright has, else (as root,
 *  or in CI with sudo) the distribution's package, else Playwright's download. Otherwise the reason why there is
 *  none. Each candidate has to print its version, since a package of that name may be an empty shell (Ubuntu's
 *  hands over to snap) and a download may lack system libraries. Needs node_modules.
 *  @returns {Promise<{ path: string } | { missing: string }>} */
export async function ensureChromium() {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH && !isExecutable(CHROMIUM_PATH))
    say(`CHROMIUM_PATH is ${CHROMIUM_PATH}, which cannot be run.`);

  const present = [findSystemChromium(), await findPlaywrightChromium()].find(starts);
  if (present) return { path: present };

  const apt = canInstallPackages();
  if (apt) {
    say("no Chromium found: installing the distribution's package …");
    await installPackages(["chromium", "mesa-vulkan-drivers", "libvulkan1", "fonts-liberation"]);
    const installed = findSystemChromium();
    if (starts(installed)) return { path: installed };
  }

  say("no Chromium found: asking Playwright for one (about 150 MB) …");
  await runNode([join(ROOT, "node_modules/playwright/cli.js"), "install", "chromium"], {
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "15000" },
    limitMs: 5 * 60_000,
  });
  const downloaded = await findPlaywrightChromium();
  if (starts(downloaded)) return { path: downloaded };
  return {
    missing: `no Chromium on this machine, ${apt ? "neither apt-get nor" : "not"} Playwright's download brought one. Install Chromium or Chrome, or set CHROMIUM_PATH.`,
  };
}

/** @param {string | null} path
 *  @returns {path is string} */
function starts(path) {
  if (path === null) return false;
  try {
    execFileSync(path, ["--version"], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
