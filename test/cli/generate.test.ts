import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settingsFromPng } from "#images/settings.ts";
import manifest from "../../public/models/manifest.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steadyflow-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
/** The command as `npm run generate` starts it, without npm's own start-up time. */
function generate(...options: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["scripts/run.mjs", "cli/generate.ts", ...options], { cwd: ROOT });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
const lines = ({ stdout }: Run): Record<string, unknown>[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const QUICK = ["--steps", "6", "--json"];

describe("npm run generate", () => {
  test("prints one JSON object an image on stdout and writes a PNG with the same settings", async () => {
    const out = join(folder, "first");
    const run = await generate("--seed", "1,5-6", "--class", "micah", "--out", out, ...QUICK);
    expect(run.stderr).not.toContain("Error");
    expect(run.status).toBe(0);
    const images = lines(run);
    expect(images.map((image) => image.seed)).toEqual([1, 5, 6]);
    // Five steps from t = 0, 0.2 … 0.8: those before 0.7 are light.
    expect(images[0]).toMatchObject({ model: "c2f", tau: 0.7, steps: 6, nfe: { light: 4, heavy: 1 } });
    expect(images[0].ms).toMatchObject({ sample: expect.any(Number), decode: expect.any(Number) });
    const files = await readdir(out);
    expect(files.length).toBe(3);
    const settings = settingsFromPng(await readFile(String(images[0].file)));
    if (!settings.ok) throw new Error(settings.error.message);
    expect(settings.value).toMatchObject({
      seed: 1,
      class: "micah",
      sha256: images[0].sha256,
      backend: "wasm",
    });
  });

  test("draws heavy first with the usual tau mirrored where none is typed", async () => {
    const how = [
      "--seed",
      "1",
      "--class",
      "micah",
      "--model",
      "c2f:heavy:light",
      "--out",
      join(folder, "turned"),
    ];
    const [image] = lines(await generate(...how, ...QUICK));
    // 0 and 0.2 are before 0.3.
    expect(image).toMatchObject({ model: "c2f:heavy:light", tau: 0.3, nfe: { light: 3, heavy: 2 } });
  });

  test("gives identical pixels twice, in a batch as alone, and from the PNG it wrote", async () => {
    const how = ["--class", "personas", "--model", "light", ...QUICK];
    const [one, again, batch] = [
      await generate("--seed", "7", "--out", join(folder, "a"), ...how),
      await generate("--seed", "7", "--out", join(folder, "b"), ...how),
      await generate("--seed", "5-8", "--batch", "4", "--out", join(folder, "c"), ...how),
    ];
    const { sha256, file } = lines(one)[0];
    expect(lines(again)[0].sha256).toBe(sha256);
    expect(lines(batch)[2]).toMatchObject({ seed: 7, sha256 });
    const from = await generate("--from", String(file), "--out", join(folder, "d"), "--json");
    expect(lines(from)[0]).toMatchObject({ seed: 7, steps: 6, model: "light", class: "personas", sha256 });
  });

  test("draws with a variant by its name, alone and in the light one's place", async () => {
    const variant = manifest.families[0]?.models.find((model) => model.role === "variant")?.name ?? "";
    const how = ["--seed", "1", "--steps", "5", "--guidance", "1", "--out", folder, "--json"];
    const [alone] = lines(await generate("--model", variant, ...how));
    expect(alone).toMatchObject({ model: variant, nfe: { light: 4, heavy: 0 } });
    const [first] = lines(await generate("--model", `c2f:${variant}`, ...how));
    expect(first).toMatchObject({ model: `c2f:${variant}`, nfe: { light: 3, heavy: 1 } });
    expect(first?.file).toContain(`_c2f-${variant}-0.7.png`);
    const [again] = lines(
      await generate("--from", String(first?.file), "--out", join(folder, "e"), "--json"),
    );
    expect(again?.sha256).toBe(first?.sha256);
  });

  test.each([
    ["an option that does not exist", ["--sed", "1"], 2, "--sed"],
    ["a class that does not exist", ["--class", "nobody"], 2, "adventurer"],
    ["a model that does not exist", ["--model", "huge"], 2, "There is: c2f, light, heavy"],
    ["a seed that is no number", ["--seed", "x"], 2, "x"],
    ["a range that passes the last seed", ["--seed", "9007199254740990-9007199254740993"], 2, "largest seed"],
    ["a switch time out of range", ["--tau", "1.5"], 1, "from 0 to 1"],
    ["a single grid point", ["--steps", "1"], 1, "from 2 to 1000"],
    ["a file that is not there", ["--from", "nowhere.png"], 2, "nowhere.png"],
  ] as const)(
    "%s is refused in words, without a stack, and the status says so",
    async (_, options, status, word) => {
      const run = await generate(...options, "--out", folder);
      expect(run.status).toBe(status);
      expect(run.stderr).toContain(word);
      expect(run.stderr).not.toMatch(/\n\s+at /);
      expect(run.stdout).toBe("");
    },
  );

  test("a PNG that steadyflow did not write is refused as a source", async () => {
    const path = join(folder, "other.png");
    await writeFile(
      path,
      await readFile(new URL("../fixtures/golden/13_malformed/png_ok.png", import.meta.url)),
    );
    const run = await generate("--from", path, "--out", folder);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("no steadyflow settings");
  });
});
