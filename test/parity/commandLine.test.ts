import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const GOLDEN = join(ROOT, "test/fixtures/golden");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parity-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the command on the folder. */
function parity(...options: string[]): Promise<{ code: number; lines: string[] }> {
  const args = ["--import", "tsx", join(ROOT, "cli/parity.ts"), folder, "--backend", "cpu", ...options];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: ROOT }, (_error, stdout) => {
      resolve({ code: child.exitCode ?? -1, lines: stdout.trim().split("\n") });
    });
  });
}

const copy = (...names: string[]) =>
  Promise.all(names.map((name) => cp(join(GOLDEN, name), join(folder, name))));

describe("npm run parity", () => {
  test("runs what the folder holds, under any name, and ends well when all of it passes", async () => {
    await cp(join(GOLDEN, "09_noise_tensor.json"), join(folder, "other name.json"));
    await cp(join(GOLDEN, "09_noise_tensor.safetensors"), join(folder, "other name.safetensors"));
    const { code, lines } = await parity();
    expect(lines.at(-1)).toBe("1 passed, 0 failed");
    expect(lines.at(-2)).toMatch(/^pass +other name/);
    expect(code).toBe(0);
  });

  test("one broken case fails with its sentence, and the others are still run", async () => {
    await copy("09_noise.json", "09_noise_tensor.json", "06_ties.json"); // the second without its tensors
    const { code, lines } = await parity();
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^pass +06_ties/),
      expect.stringMatching(/^pass +09_noise/),
      expect.stringMatching(/^FAIL +09_noise_tensor .*09_noise_tensor\.safetensors is missing/),
      "2 passed, 1 failed",
    ]);
    expect(code).toBe(1);
  });

  test("every file of a malformed folder is a case; --allow-missing and --only choose", async () => {
    await copy("09_noise.json");
    await writeFile(join(folder, "tea.json"), JSON.stringify({ case: "tea", kind: "tea" }));
    await mkdir(join(folder, "bad files"));
    const list = [{ file: "a.pt", type: "pt", level: "format", must_reject: true, why: "no archive" }];
    await writeFile(join(folder, "bad files/expected.json"), JSON.stringify({ files: list }));
    await writeFile(join(folder, "bad files/a.pt"), "not an archive");
    expect((await parity()).lines.at(-1)).toBe("2 passed, 1 failed");
    const lenient = await parity("--allow-missing");
    expect(lenient.lines.at(-1)).toBe("2 passed, 0 failed");
    expect(lenient.code).toBe(0);
    expect((await parity("--only", "bad")).lines.at(-1)).toBe("1 passed, 0 failed");
  });

  test("links are followed, to files and to folders; one that leads nowhere fails", async () => {
    await symlink(join(GOLDEN, "09_noise.json"), join(folder, "linked.json"));
    await symlink(join(folder, "nowhere"), join(folder, "lost.json"));
    const bad = await mkdtemp(join(tmpdir(), "parity-bad-"));
    const list = [{ file: "a.pt", type: "pt", level: "format", must_reject: true }];
    await writeFile(join(bad, "expected.json"), JSON.stringify({ files: list }));
    await writeFile(join(bad, "a.pt"), "not an archive");
    await symlink(bad, join(folder, "bad files"));
    const { lines } = await parity();
    await rm(bad, { recursive: true });
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^pass +bad files\/a\.pt/),
      expect.stringMatching(/^pass +linked/),
      expect.stringMatching(/^FAIL +lost .*ENOENT/),
      "2 passed, 1 failed",
    ]);
  });

  test.each(["nowhere", "a file.txt"])(
    "a folder that cannot be listed (%s) fails with a closing line",
    async (name) => {
      await writeFile(join(folder, "a file.txt"), "");
      folder = join(folder, name);
      const { code, lines } = await parity();
      folder = join(folder, "..");
      expect(lines.at(-2)).toMatch(/^FAIL +(nowhere|a file\.txt) .*(ENOENT|ENOTDIR)/);
      expect(lines.at(-1)).toBe("0 passed, 1 failed");
      expect(code).toBe(1);
    },
  );

  test("a case is a line, whatever its error says", async () => {
    await mkdir(join(folder, "bad files"));
    await writeFile(join(folder, "bad files/expected.json"), "no\nJSON\n");
    const { lines } = await parity();
    expect(lines).toHaveLength(3);
    expect(lines.at(-1)).toBe("0 passed, 1 failed");
  });

  test("a folder with nothing to run is no success", async () => {
    expect((await parity()).code).toBe(1);
  });
});
