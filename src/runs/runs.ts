import type { ByteFiles } from "#files/byteFiles.ts";
import { type Arrays, packContainer, readContainer } from "#files/container.ts";
import { type TwoSlots, twoSlots } from "#files/twoSlots.ts";
import type { RunState } from "#training/runState.ts";
import type { RunId, RunPlan, RunProgress, RunRecord } from "./run.ts";

/** RGBA bytes, row by row. */
export interface RunPicture {
  readonly width: number;
  readonly height: number;
  readonly rgba: ArrayBuffer;
}

/** All that a run needs to go on. */
export interface RunCheckpoint {
  readonly progress: RunProgress;
  readonly state: RunState;
}

/** Training runs of this browser, for page and workers alike. Every method rejects with the browser's own error; see
 *  storageError. A run is written by whoever holds its lock (`runLock`). */
export interface Runs {
  /** Newest first. */
  list(): Promise<readonly RunRecord[]>;
  get(id: RunId): Promise<RunRecord | null>;
  create(run: Pick<RunRecord, "id" | "plan" | "baseSha256" | "createdAt">): Promise<void>;
  /** Keeps a checkpoint; the one before it stays until the next. Gives its bytes. */
  keep(id: RunId, checkpoint: RunCheckpoint): Promise<number>;
  /** The newest checkpoint that is whole; null before the first; "damaged" when neither of the two is. */
  checkpoint(id: RunId): Promise<RunCheckpoint | null | "damaged">;
  /** Keeps what was drawn after a step; `base`: what the base drew. */
  keepPictures(id: RunId, step: number | "base", pictures: readonly RunPicture[]): Promise<void>;
  /** Pictures by step, in order, those of the base first; an entry that was cut off is left out. */
  pictures(
    id: RunId,
  ): Promise<readonly { readonly step: number | "base"; readonly pictures: readonly RunPicture[] }[]>;
  remove(id: RunId): Promise<void>;
  /** Deletes all runs. */
  destroy(): Promise<void>;
  /** Calls `listen` after every change but those of `keepPictures`, by whichever tab or worker. Gives what ends it. */
  onChange(listen: () => void): () => void;
}

/** Tells other tabs and workers; a BroadcastChannel is one. */
export type RunsChannel = Pick<BroadcastChannel, "postMessage" | "addEventListener" | "removeEventListener">;

interface PlanHead {
  readonly id: RunId;
  readonly createdAt: number;
  readonly baseSha256: readonly string[];
  readonly plan: Omit<RunPlan, "selection"> & { readonly selection: { readonly how: string } };
}

/** What of a run's state is not an array. */
interface StateHead {
  readonly progress: RunProgress;
  readonly state: Pick<RunState, "step" | "seed" | "batch">;
}

const OBJECTIVE = "objective.";

export function createRuns(
  files: ByteFiles & { destroy?(): Promise<void> },
  channel: RunsChannel | null = null,
): Runs {
  const listeners = new Set<() => void>();
  const slots = new Map<RunId, TwoSlots<StateHead>>();
  const checkpointsOf = (id: RunId): TwoSlots<StateHead> => {
    const known = slots.get(id) ?? twoSlots<StateHead>(files, `${id}/checkpoint`);
    slots.set(id, known);
    return known;
  };
  const changed = () => {
    channel?.postMessage("runs");
    for (const listen of listeners) listen();
  };

  async function get(id: RunId): Promise<RunRecord | null> {
    const bytes = await files.read(planFile(id));
    const read = bytes && readContainer<PlanHead>(bytes);
    if (!read?.ok) return null; // never finished being created
    const [progress, kept] = await Promise.all([checkpointsOf(id).head(), files.list(`${id}/`)]);
    return {
      ...read.value.head,
      plan: planOf(read.value.head, read.value.arrays),
      progress: progress?.progress ?? null,
      bytes: kept.reduce((sum, file) => sum + file.bytes, 0),
    };
  }

  return {
    async list() {
      const ids = new Set((await files.list("")).map(({ name }) => name.split("/", 1)[0]));
      const runs = await Promise.all([...ids].map(get));
      return runs.filter((run) => run !== null).sort((a, b) => b.createdAt - a.createdAt);
    },
    get,
    async create({ id, plan, baseSha256, createdAt }) {
      const { kept, heldOut, how } = plan.selection;
      const head: PlanHead = { id, createdAt, baseSha256, plan: { ...plan, selection: { how } } };
      await files.write(planFile(id), packContainer({ head, arrays: { kept, heldOut } }));
      changed();
    },
    async keep(id, { progress, state }) {
      const { step, seed, batch, weights, first, second, average, objective = {} } = state;
      const named = Object.entries(objective).map(([name, values]) => [`${OBJECTIVE}${name}`, values]);
      const bytes = await checkpointsOf(id).write({
        head: { progress, state: { step, seed, batch } },
        arrays: { weights, first, second, average, ...Object.fromEntries(named) },
      });
      changed();
      return bytes;
    },
    async checkpoint(id) {
      slots.delete(id); // another tab may have written since
      const read = await checkpointsOf(id).read();
      if (read === null || read === "damaged") return read;
      const state = stateOf(read.head, read.arrays);
      return state ? { progress: read.head.progress, state } : "damaged";
    },
    async keepPictures(id, step, pictures) {
      const head = pictures.map(({ width, height }) => ({ width, height }));
      const arrays = Object.fromEntries(pictures.map(({ rgba }, i) => [`${i}`, new Uint8Array(rgba)]));
      await files.write(pictureFile(id, step), packContainer({ head, arrays }));
    },
    async pictures(id) {
      const found: { step: number | "base"; pictures: RunPicture[] }[] = [];
      for (const { name } of await files.list(`${id}/pictures/`)) {
        const bytes = await files.read(name);
        const read = bytes && readContainer<readonly { width: number; height: number }[]>(bytes);
        if (!read?.ok) continue;
        const { head, arrays } = read.value;
        const pictures = head.map((size, i) => ({ ...size, rgba: bufferOf(arrays[`${i}`]) }));
        const step = name.slice(name.lastIndexOf("/") + 1);
        found.push({ step: step === "base" ? step : Number(step), pictures });
      }
      return found.sort((a, b) => order(a.step) - order(b.step));
    },
    async remove(id) {
      await files.remove(planFile(id)); // without it the rest is nobody's
      await files.remove(`${id}/`);
      slots.delete(id);
      changed();
    },
    async destroy() {
      slots.clear();
      await (files.destroy ? files.destroy() : files.remove(""));
      changed();
    },
    onChange(listen) {
      listeners.add(listen);
      channel?.addEventListener("message", listen);
      return () => {
        listeners.delete(listen);
        channel?.removeEventListener("message", listen);
      };
    },
  };
}

const planFile = (id: RunId): string => `${id}/plan`;
const pictureFile = (id: RunId, step: number | "base"): string => `${id}/pictures/${step}`;
const order = (step: number | "base"): number => (step === "base" ? -1 : step);
const bufferOf = (array: Arrays[string]): ArrayBuffer => Uint8Array.from(array).buffer;

function planOf({ plan }: PlanHead, { kept, heldOut }: Arrays): RunPlan {
  const indices = (array: Arrays[string] | undefined) =>
    array instanceof Uint32Array ? array : new Uint32Array();
  return { ...plan, selection: { ...plan.selection, kept: indices(kept), heldOut: indices(heldOut) } };
}

function stateOf({ state }: StateHead, arrays: Arrays): RunState | null {
  const { weights, first, second, average } = arrays;
  const objective: Record<string, Float32Array | Int32Array> = {};
  for (const [name, values] of Object.entries(arrays))
    if (name.startsWith(OBJECTIVE) && (values instanceof Float32Array || values instanceof Int32Array))
      objective[name.slice(OBJECTIVE.length)] = values;
  if (
    !(weights instanceof Float32Array && first instanceof Float32Array) ||
    !(second instanceof Float32Array && average instanceof Float32Array)
  )
    return null;
  const kept = Object.keys(objective).length > 0 ? { objective } : {};
  return { ...state, weights, first, second, average, ...kept };
}
