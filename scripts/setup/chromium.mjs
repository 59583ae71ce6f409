import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Flags of every Chromium that tests start: headless, WebGPU computed by SwiftShader (right on any machine,
 *  slow on all of them), and nothing that reaches out to the network by itself. */
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
  if (env.CHROMIUM_PATH) return isExecutable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : null;
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

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
