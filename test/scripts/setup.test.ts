import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hashOfTree } from "../../scripts/setup/build.mjs";
import { findSystemChromium } from "../../scripts/setup/chromium.mjs";
import { whyInstall } from "../../scripts/setup/dependencies.mjs";
import { nodeProblem } from "../../scripts/setup/node-version.mjs";
import { runNode } from "../../scripts/setup/run-program.mjs";
import { inWords } from "../../scripts/setup/say.mjs";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steadyflow-setup-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(["20.19.0", "20.20.2", "22.12.0", "24.0.0"])("Node %s will do", (version) => {
  expect(nodeProblem(version)).toBeNull();
});

test.each(["18.20.4", "20.18.3", "21.7.0", "22.11.0"])(
  "Node %s is refused with the versions to install",
  (version) => {
    expect(nodeProblem(version)).toContain("20.19");
  },
);

describe("packages", () => {
  beforeEach(async () => {
    await writeFile(join(folder, "package-lock.json"), "{}");
  });

  test("are installed when there are none", () => {
    expect(whyInstall(folder)).toContain("not installed");
  });

  test("are installed when an install was cut off: npm writes its own lock file last", async () => {
    await mkdir(join(folder, "node_modules/react"), { recursive: true });
    expect(whyInstall(folder)).toContain("not installed");
  });

  test("are left alone when npm ran after the lock file's last change, and installed when it ran before", async () => {
    await mkdir(join(folder, "node_modules"));
    await writeFile(join(folder, "node_modules/.package-lock.json"), "{}");
    await utimes(join(folder, "package-lock.json"), 1000, 1000);
    expect(whyInstall(folder)).toBeNull();
    await utimes(join(folder, "node_modules/.package-lock.json"), 500, 500);
    expect(whyInstall(folder)).toContain("newer");
  });

  test("are installed when the lock file is not the one of the stamp, whatever the clocks say", async () => {
    await mkdir(join(folder, "node_modules"));
    await writeFile(join(folder, "node_modules/.package-lock.json"), "{}");
    const stamp = join(folder, "node_modules/.steadyflow-lock-sha256");
    await writeFile(stamp, createHash("sha256").update("{}").digest("hex"));
    expect(whyInstall(folder)).toBeNull();
    await writeFile(join(folder, "package-lock.json"), "{ }");
    expect(whyInstall(folder)).toContain("changed");
  });
});

test("the build's stamp sees content and names, not clocks", async () => {
  await mkdir(join(folder, "src"));
  await writeFile(join(folder, "src/a.ts"), "1");
  const first = hashOfTree(folder, ["src", "missing"]);
  await utimes(join(folder, "src/a.ts"), 1000, 1000);
  expect(hashOfTree(folder, ["src", "missing"])).toBe(first);
  await writeFile(join(folder, "src/a.ts"), "2");
  const second = hashOfTree(folder, ["src", "missing"]);
  expect(second).not.toBe(first);
  await writeFile(join(folder, "src/b.ts"), "");
  expect(hashOfTree(folder, ["src", "missing"])).not.toBe(second);
});

test("Chromium is the one of CHROMIUM_PATH, else the first known name on PATH, else none", async () => {
  const path = join(folder, "chromium");
  expect(findSystemChromium({ PATH: folder })).toBeNull();
  await writeFile(path, "#!/bin/sh\n");
  expect(findSystemChromium({ PATH: folder })).toBeNull(); // there, but nobody may run it
  await chmod(path, 0o755);
  expect(findSystemChromium({ PATH: folder })).toBe(path);
  expect(findSystemChromium({ PATH: folder, CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
  expect(findSystemChromium({ PATH: folder, CHROMIUM_PATH: join(folder, "gone") })).toBe(path);
});

test("a program's exit code is passed on, and one that does not end is ended", async () => {
  expect(await runNode(["-e", "process.exit(7)"])).toBe(7);
  expect(await runNode(["-e", "setInterval(() => {}, 1000)"], { limitMs: 300 })).toBe(124);
});

test.each([
  [40, "0.0 s"],
  [1_240, "1.2 s"],
  [9_960, "10 s"],
  [59_400, "59 s"],
  [185_000, "3 min 5 s"],
])("%i ms reads %s", (ms, words) => {
  expect(inWords(ms)).toBe(words);
});
