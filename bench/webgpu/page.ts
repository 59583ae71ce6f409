/** The page of `npm run bench -- --webgpu`: computes what its opener asks for by the functions that it leaves in `bench`. */
import { enableProdMode } from "@tensorflow/tfjs-core";
import { adapterKind, describeAdapter } from "#workers/adapters.ts";
import { alternate, type Timing } from "../statistics.ts";
import { meterDevices } from "./deviceMeter.ts";
import { onnxEvaluator } from "./onnx.ts";
import { shippedNetwork } from "./shippedNetwork.ts";
import { type Evaluator, taskOf } from "./task.ts";
import { plainEvaluator, tensorEvaluator } from "./tensors.ts";

export type Engine = "own" | "plain" | "onnx";
export type Network = "light" | "heavy";

/** What one evaluation took. */
export interface Measured {
  readonly dispatches: number;
  readonly submissions: number;
  /** Bytes that kernels read and wrote; null where nobody counts them. */
  readonly movedBytes: number | null;
  /** Of buffers, after it and at most until then. */
  readonly heldBytes: number;
  readonly peakBytes: number;
}

/** As a page tells it. */
export interface Told extends Measured {
  readonly velocity: readonly number[];
}

const WARMUPS = 2;
/** A measurement holds as many evaluations as fit in about this time. */
const ABOUT_MS = 100;

const deviceUse = meterDevices();
enableProdMode();

interface Adapter {
  readonly adapter: string;
  readonly software: boolean;
  /** Chromium's version. */
  readonly chromium: string;
}

async function adapter(): Promise<Adapter | null> {
  const found = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!found) return null;
  const [, chromium = "unknown"] = /Chrome\/(\d+)/.exec(navigator.userAgent) ?? [];
  return { adapter: describeAdapter(found.info), software: adapterKind(found) === "software", chromium };
}

async function openTensors(kernels: "own" | "plain"): Promise<void> {
  const found = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!found) throw new Error("there is no adapter");
  const { openWebGPU } = await import("#workers/webgpuBackend.ts");
  const opened = await openWebGPU(found, adapterKind(found) === "software", kernels);
  const ours = opened.kernels.startsWith("our own");
  if (ours !== (kernels === "own")) throw new Error(`networks run on ${opened.kernels}`);
}

/** One evaluation by one engine. To be asked for once in the life of a page: what is held is counted from its start. */
async function measure(engine: Engine, name: Network, batch: number): Promise<Told> {
  const network = await shippedNetwork(name);
  const task = taskOf(network.config, batch);
  if (engine !== "onnx") await openTensors(engine);
  const evaluator = await (engine === "onnx" ? onnxEvaluator : tensorEvaluator)(network, task);
  await evaluator.settle();
  const [before, moved] = [deviceUse(), evaluator.movedBytes()];
  await evaluator.step();
  const after = deviceUse();
  const movedSince = evaluator.movedBytes();
  return {
    dispatches: after.dispatches - before.dispatches,
    submissions: after.submissions - before.submissions,
    movedBytes: movedSince === null || moved === null ? null : movedSince - moved,
    heldBytes: after.heldBytes,
    peakBytes: after.peakBytes,
    velocity: [...(await evaluator.velocity())],
  };
}

/** Milliseconds of an evaluation by each engine, alternated. */
async function time(
  engines: readonly Engine[],
  name: Network,
  batch: number,
  rounds: number,
): Promise<Partial<Record<Engine, Timing>>> {
  const network = await shippedNetwork(name);
  const task = taskOf(network.config, batch);
  const make = { own: tensorEvaluator, plain: plainEvaluator, onnx: onnxEvaluator };
  // The last one's modulations are computed on TensorFlow.js's CPU backend: it goes before those that want WebGPU.
  const order = (["onnx", "own", "plain"] as const).filter((engine) => engines.includes(engine));
  const tasks: Partial<Record<Engine, () => Promise<number>>> = {};
  let opened = false;
  for (const engine of order) {
    if (engine !== "onnx" && !opened) await openTensors("own");
    opened ||= engine !== "onnx";
    tasks[engine] = await timer(await make[engine](network, task));
  }
  return alternate(tasks as Record<Engine, () => Promise<number>>, rounds, WARMUPS);
}

/** Times as many evaluations, one after the other with a wait at the end, as fit in about a tenth of a second. */
async function timer({ step, settle }: Evaluator): Promise<() => Promise<number>> {
  const ms = async (count: number): Promise<number> => {
    const started = performance.now();
    for (let done = 0; done < count; done++) await step();
    await settle();
    return (performance.now() - started) / count;
  };
  await ms(1);
  const count = Math.max(1, Math.round(ABOUT_MS / (await ms(1))));
  return () => ms(count);
}

const bench = { adapter, measure, time };
export type BenchPage = typeof bench;
Object.assign(globalThis, { bench });
