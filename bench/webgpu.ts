import { join } from "node:path";
import { chromium } from "playwright";
import { build } from "vite";
import { type DiTConfig, ditSizes } from "#models/ditConfig.ts";
import { ISOLATION_HEADERS } from "../scripts/serve/headers.mjs";
import { listenLocally, serveFolder } from "../scripts/serve/server.mjs";
import { CHROMIUM_FLAGS, ensureChromium } from "../scripts/setup/chromium.mjs";
import { ROOT } from "../scripts/setup/root.mjs";
import { shippedNetwork } from "./cpuNetworks.ts";
import { largestDifference } from "./largestDifference.ts";
import { ONNX_RUNTIME, onnxRuntimeFolder } from "./onnx/runtime.ts";
import type { Timing } from "./statistics.ts";
import type { BenchPage, Engine, Measured, Network } from "./webgpu/page.ts";

/** The shipped networks on WebGPU: our kernels, TensorFlow.js's ops and onnxruntime-web, in Chromium. */
export interface WebgpuReport {
  readonly adapter: string;
  readonly software: boolean;
  readonly chromium: string;
  readonly onnxRuntime: string;
  readonly rows: readonly WebgpuRow[];
}

export interface WebgpuRow {
  readonly model: Network;
  readonly batch: number;
  readonly engines: Readonly<Record<Engine, Outcome>>;
  /** Milliseconds of an evaluation; null on a software adapter, whose times say nothing of any other. */
  readonly times: Readonly<Partial<Record<Engine, Timing>>> | null;
}

/** `difference`: the largest between an engine's velocities and ours; null where ours are not known. */
export type Outcome =
  | (Measured & { readonly kind: "measured"; readonly difference: number | null })
  | { readonly kind: "skipped"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

const ENGINES = ["own", "plain", "onnx"] as const;
const BATCHES = [1, 4, 16, 64];
const ROUNDS_AT_LEAST = 5;
/** What would take longer on a software adapter is left out. */
const PATIENCE_S = 60;
/** Multiplications and additions that SwiftShader does a second on two cores with nothing else to do. By them it is decided
 *  what is left out, so that it is the same in every run. */
const SOFTWARE_PACE = 0.6e9;
/** An evaluation is done twice: the first fills caches. */
const EVALUATIONS = 2;
/** A page that has not answered by then does not any more. */
const LIMIT_MS = 600_000;

/** Runs every engine in a browser of its own for each network and batch, and times them in one page where the adapter is a
 *  real one. Null where there is no Chromium or no WebGPU in it. */
export async function measureWebgpu(
  rounds: number,
  log: (line: string) => void,
): Promise<WebgpuReport | null> {
  const found = await ensureChromium();
  if ("missing" in found) {
    log(`WebGPU is left out: ${found.missing}`);
    return null;
  }
  const server = await servePage();
  try {
    const place = await findAdapter(found.path, `http://127.0.0.1:${server.port}/`);
    if (place === null) {
      log("WebGPU is left out: Chromium finds no adapter.");
      return null;
    }
    const { adapter, software } = place;
    log(`${adapter}${software ? ", which is software: counts, no times" : ""}`);
    const rows: WebgpuRow[] = [];
    for (const model of ["light", "heavy"] as const) {
      for (const batch of BATCHES) {
        const engines = await compare(place, model, batch);
        for (const engine of ENGINES) log(`${model}, batch ${batch}, ${engine}: ${inWords(engines[engine])}`);
        const running = ENGINES.filter((engine) => engines[engine].kind === "measured");
        const times = software
          ? null
          : await ask(place, "time", running, model, batch, Math.max(ROUNDS_AT_LEAST, rounds));
        rows.push({ model, batch, engines, times });
      }
    }
    return { adapter, software, chromium: place.chromium, onnxRuntime: ONNX_RUNTIME, rows };
  } finally {
    await server.close();
  }
}

/** Bundles bench/webgpu/ and serves it with the models and onnxruntime-web. */
async function servePage(): Promise<{ port: number; close(): Promise<void> }> {
  const bundle = join(ROOT, ".cache/bench-webgpu");
  await build({
    configFile: false,
    root: join(ROOT, "bench/webgpu"),
    base: "./",
    publicDir: false,
    logLevel: "error",
    build: { outDir: bundle, emptyOutDir: true, target: "es2023", chunkSizeWarningLimit: 10_000 },
  });
  const models = serveFolder({ root: join(ROOT, "public"), headers: ISOLATION_HEADERS });
  const runtime = serveFolder({ root: onnxRuntimeFolder(), headers: ISOLATION_HEADERS });
  const page = serveFolder({
    root: bundle,
    intercept: (request, response) => {
      const url = request.url ?? "/";
      if (url.startsWith("/models/")) models(request, response);
      else if (url.startsWith(ONNX_PATH)) {
        request.url = url.slice(ONNX_PATH.length - 1);
        runtime(request, response);
      } else return false;
      return true;
    },
  });
  return listenLocally(page, 0);
}
const ONNX_PATH = "/onnxruntime/";

/** Where pages compute. */
interface Place {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly address: string;
  readonly chromium: string;
  readonly adapter: string;
  readonly software: boolean;
}

/** Chromium on a real adapter where it finds one, else on the software one of the tests; null where it finds none. */
async function findAdapter(executablePath: string, address: string): Promise<Place | null> {
  const real = CHROMIUM_FLAGS.filter((flag) => !flag.startsWith("--use-webgpu-adapter"));
  for (const args of [[...real, "--enable-features=Vulkan"], CHROMIUM_FLAGS]) {
    const found = await ask({ executablePath, args, address }, "adapter");
    const wanted = found && (!found.software || args === CHROMIUM_FLAGS);
    if (wanted) return { executablePath, args, address, ...found };
  }
  return null;
}

type Answer<Name extends keyof BenchPage> = Awaited<ReturnType<BenchPage[Name]>>;

/** A call of one of the page's functions in a browser of its own: nobody computes beside anybody, and one that crashes takes
 *  no other with it. */
async function ask<Name extends keyof BenchPage>(
  { executablePath, args, address }: Pick<Place, "executablePath" | "args" | "address">,
  name: Name,
  ...given: Parameters<BenchPage[Name]>
): Promise<Answer<Name>> {
  const browser = await chromium.launch({ executablePath, args: [...args] });
  let late = false;
  const giveUp = setTimeout(() => {
    late = true;
    void browser.close();
  }, LIMIT_MS);
  try {
    const page = await browser.newPage();
    await page.goto(address);
    await page.waitForFunction("'bench' in globalThis");
    // As text: what tsx makes of a named function does not run in a page.
    return await page.evaluate<Answer<Name>>(
      `bench.${name}(${given.map((each) => JSON.stringify(each)).join(", ")})`,
    );
  } catch (cause) {
    throw late ? new Error(`no answer within ${LIMIT_MS / 1000} s`) : cause;
  } finally {
    clearTimeout(giveUp);
    await browser.close();
  }
}

/** Every engine's evaluation, velocities compared. */
async function compare(place: Place, model: Network, batch: number): Promise<WebgpuRow["engines"]> {
  const { config } = await shippedNetwork(model);
  const seconds = Math.round((EVALUATIONS * batch * operations(config)) / SOFTWARE_PACE);
  let ours: readonly number[] | null = null;
  const outcome = async (engine: Engine): Promise<Outcome> => {
    if (place.software && seconds > PATIENCE_S)
      return { kind: "skipped", why: `would take about ${seconds} s on a software adapter` };
    try {
      const { velocity, ...measured } = await ask(place, "measure", engine, model, batch);
      if (engine === "own") ours = velocity;
      return { kind: "measured", ...measured, difference: ours && largestDifference(velocity, ours) };
    } catch (cause) {
      return { kind: "failed", why: shortened(cause) };
    }
  };
  return { own: await outcome("own"), plain: await outcome("plain"), onnx: await outcome("onnx") };
}

/** Multiplications and additions of an evaluation of one image, in the products of its blocks. */
function operations(config: DiTConfig): number {
  const { hidden_size: D, depth } = config;
  const { tokens, mlp } = ditSizes(config);
  return 2 * tokens * depth * (4 * D * D + 2 * D * mlp + 2 * tokens * D);
}

/** The first line of what went wrong. */
function shortened(cause: unknown): string {
  const said = cause instanceof Error ? cause.message : String(cause);
  return said
    .replace(/^page\.evaluate: /, "")
    .split("\n")[0]
    .slice(0, 300);
}

function inWords(outcome: Outcome): string {
  if (outcome.kind !== "measured") return `${outcome.kind}: ${outcome.why}`;
  const { dispatches, submissions, heldBytes, difference } = outcome;
  return `${dispatches} dispatches in ${submissions} submissions, ${(heldBytes / 1e6).toFixed(1)} MB, ${difference?.toExponential(0)} from ours`;
}
