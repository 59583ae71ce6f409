import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { RESULTS, type Results } from "../scripts/results/schema.ts";
import type { BenchReports } from "./table.ts";

const DOCS = new URL("../docs/", import.meta.url);

/** What earlier runs have left in docs/bench/. Throws where steps.json or cpu-engines.json is not there. */
export async function readReports(): Promise<BenchReports> {
  const steps = await readJson("bench/steps.json");
  const engines = await readJson("bench/cpu-engines.json");
  if (steps === null || engines === null)
    throw new Error("docs/bench has no steps.json or no cpu-engines.json");
  return {
    steps,
    "cpu-engines": engines,
    memory: await readJson("bench/memory.json"),
    webgpu: await readJson("bench/webgpu.json"),
    download: await readJson("bench/download.json"),
  };
}

/** docs/results.json; null where it is not there. Throws where it is not what it should be. */
export async function readResults(): Promise<Results | null> {
  const found = await readJson("results.json");
  return found === null ? null : v.parse(RESULTS, found);
}

/** Null where there is no such file. */
async function readJson(file: string) {
  const text = await readFile(new URL(file, DOCS), "utf8").catch(() => null);
  return text === null ? null : JSON.parse(text);
}
