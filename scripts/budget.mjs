// @ts-check
/** `npm run budget`: builds when needed, then weighs what a first visit transfers, prints a line a limit, and exits with 1
 *  when one is exceeded. Script is counted as gzip level 9 makes it, wasm binaries are left out. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { weigh } from "./manifest/budget.mjs";
import { DIST, ensureBuild } from "./setup/build.mjs";
import { ensureDependencies } from "./setup/dependencies.mjs";
import { requireNode } from "./setup/node-version.mjs";
import { ROOT } from "./setup/root.mjs";

// Limits: a phone on a slow line sees its first picture within half a minute.
const SCRIPT_LIMIT = 350_000;
const FIRST_IMAGE_LIMIT = 5_000_000;
const ALL_WEIGHTS_LIMIT = 30_000_000;
// What the Fine-tune page says that a first drawing fetches: DRAWING_DOWNLOAD_BYTES of src/datasets/drawn/ninthStyles.ts.
const DRAWING_LIMIT = 1_000_000;

requireNode();
await ensureDependencies();
await ensureBuild();
const script = firstLoadScript(DIST);
const weights = firstVisitWeights(join(ROOT, "public/models"));
const drawing = drawingKit(DIST);
const lines = [
  within("script of the first load, gzip", script.bytes, SCRIPT_LIMIT, script.files.join(" ")),
  within("weights before the first image", weights.firstPicture, FIRST_IMAGE_LIMIT, "decoder, light"),
  within("weights of a first visit", weights.family, ALL_WEIGHTS_LIMIT, "first family without its variants"),
  within("what a first drawing fetches, gzip", drawing.bytes, DRAWING_LIMIT, drawing.files.join(" ")),
];
process.exitCode = lines.every(Boolean) ? 0 : 1;

/** @param {string} what
 *  @param {number} bytes
 *  @param {number} limit
 *  @param {string} detail */
function within(what, bytes, limit, detail) {
  const good = bytes <= limit;
  const [have, most] = [bytes, limit].map((n) =>
    n < 1e6 ? `${(n / 1e3).toFixed(0)} kB` : `${(n / 1e6).toFixed(1)} MB`,
  );
  process.stdout.write(`${good ? "ok      " : "TOO MUCH"} ${what}: ${have} of ${most} (${detail})\n`);
  return good;
}

/** What the pictures worker fetches to draw its first avatar: the rasteriser, wasm included since it is most of it, and the
 *  largest style.
 *  @param {string} dist
 *  @returns {{ bytes: number, files: string[] }} */
function drawingKit(dist) {
  const assets = join(dist, "assets");
  const chunks = chunksIn(assets);
  /** @param {string} name */
  const weigh = (name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length;
  const one = (/** @type {string[]} */ names, /** @type {string} */ what) => {
    if (names.length === 0) throw new Error(`the build has no ${what}`);
    return names.sort((a, b) => weigh(b) - weigh(a))[0];
  };
  const worker = one(
    [...chunks.keys()].filter((name) => name.startsWith("pictures.worker")),
    "pictures worker",
  );
  const drawer = one(edges(chunks, worker).dynamic, "chunk that draws");
  const style = one(edges(chunks, drawer).dynamic, "style");
  const wasm = one(
    readdirSync(assets).filter((name) => /^index_bg.*\.wasm$/.test(name)),
    "rasteriser",
  );
  const files = [...closure(chunks, [drawer, style]), wasm].filter((name) => name !== worker);
  return {
    bytes: files.reduce((sum, name) => sum + weigh(name), 0),
    files: files.map((name) => `${name} ${(weigh(name) / 1e3).toFixed(0)}`),
  };
}

/** Text of each script in a folder, by name.
 *  @param {string} assets
 *  @returns {Map<string, string>} */
function chunksIn(assets) {
  const names = readdirSync(assets).filter((name) => name.endsWith(".js"));
  return new Map(names.map((name) => [name, readFileSync(join(assets, name), "utf8")]));
}

/** Script that a first visit fetches: what index.html names, the engine's worker, all that these import when they start,
 *  and the largest of the backends that the worker then chooses from. Parts of the page that are imported later do not count.
 *  @param {string} dist
 *  @returns {{ bytes: number, files: string[] }} */
function firstLoadScript(dist) {
  const chunks = chunksIn(join(dist, "assets"));
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const page = closure(
    chunks,
    [...chunks.keys()].filter((name) => html.includes(name)),
  );
  const workers = [...chunks.keys()].filter((name) =>
    [...page].some((by) => /worker/.test(name) && chunks.get(by)?.includes(name)),
  );
  if (workers.length === 0)
    throw new Error("the page's first script names no worker: the count would be too small");
  const first = closure(chunks, [...page, ...workers]);
  const inWorker = closure(chunks, workers);
  /** @param {Iterable<string>} names */
  const weigh = (names) =>
    [...names].reduce((sum, name) => sum + gzipSync(chunks.get(name) ?? "", { level: 9 }).length, 0);
  const backends = [...inWorker]
    .flatMap((name) => edges(chunks, name).dynamic)
    .map((name) => [...closure(chunks, [name])].filter((chunk) => !first.has(chunk)));
  const largest = backends.sort((a, b) => weigh(b) - weigh(a))[0] ?? [];
  const files = [...first, ...largest];
  return { bytes: weigh(files), files: files.map((name) => `${name} ${(weigh([name]) / 1e3).toFixed(0)}`) };
}

/** Chunks reached from `entries` by static imports, entries included.
 *  @param {Map<string, string>} chunks
 *  @param {readonly string[]} entries
 *  @returns {Set<string>} */
function closure(chunks, entries) {
  const reached = new Set(entries);
  for (const name of reached) for (const next of edges(chunks, name).static) reached.add(next);
  return reached;
}

/** Chunks that a chunk imports, by their names in its text: at once, or later by `import(…)`.
 *  @param {Map<string, string>} chunks
 *  @param {string} name
 *  @returns {{ static: string[], dynamic: string[] }} */
function edges(chunks, name) {
  const text = chunks.get(name) ?? "";
  const known = [...chunks.keys()];
  /** @param {RegExp} pattern */
  const named = (pattern) => {
    const paths = [...text.matchAll(pattern)].map((match) => match[1] ?? "");
    return known.filter((chunk) => paths.some((path) => path === `./${chunk}`));
  };
  return {
    static: named(/(?:\bfrom|\bimport)\s*["'`]([^"'`]+)["'`]/g),
    dynamic: named(/\bimport\(\s*["'`]([^"'`]+)["'`]/g),
  };
}

/** What the manifest's first family weighs: before its first image, and in all; see scripts/manifest/budget.mjs.
 *  @param {string} folder */
function firstVisitWeights(folder) {
  const manifest = join(folder, "manifest.json");
  if (!existsSync(manifest)) throw new Error("public/models/manifest.json is not there");
  return weigh(JSON.parse(readFileSync(manifest, "utf8")).families[0]);
}
