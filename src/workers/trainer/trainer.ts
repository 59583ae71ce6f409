import { engine as tfEngine } from "@tensorflow/tfjs-core";
import type { Manifest } from "#checkpoints/manifest.ts";
import { CancelledError } from "#flow/sampler.ts";
import { withLocalModels } from "#library/entry.ts";
import { createAttempts } from "../attempts.ts";
import type { BackendSource, OpenedBackend } from "../backends.ts";
import { localFiles } from "../localSource.ts";
import { openChosen } from "../openBackend.ts";
import type { BackendChoice, EngineEvent, JobId, KernelChoice } from "../protocol.ts";
import { familyOf } from "../residents.ts";
import type { TrainerEvent, TrainerRequest, TrainerState } from "../trainerProtocol.ts";
import type { FetchFiles } from "../weightFiles.ts";
import { yieldToMessages } from "../yield.ts";
import type { Stores, TrainerContext, TrainerWork } from "./context.ts";
import { TrainerFailure, toTrainerError } from "./failure.ts";
import { nothingRemembered } from "./remembered.ts";
import { isAside, type TrainerJobRequest, trainerWork } from "./trainerWork.ts";

export interface TrainerParts {
  readonly backends: BackendSource;
  /** The manifest, checked. Throws EngineFailure ManifestUnreachable | ManifestInvalid. */
  readonly fetchManifest: (url: string) => Promise<Manifest>;
  readonly fetchFiles: (manifestUrl: string) => FetchFiles;
  readonly stores: Stores;
  readonly post: (event: TrainerEvent, transfer?: Transferable[]) => void;
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly today: () => number;
  /** Name and version of the program. */
  readonly app: string;
}

type Start = Extract<TrainerRequest, { type: "start" }>;

/** What `start` set up. */
interface Session {
  readonly manifest: Manifest;
  readonly fetchFiles: FetchFiles;
  readonly choice: BackendChoice;
  readonly kernels: KernelChoice;
  readonly faults: boolean;
  readonly checkpointMs: number;
  /** Another one after a device that went away. */
  backend: OpenedBackend;
}

/** With a step or a look of a few seconds after a checkpoint, less than half a minute is ever lost. */
const CHECKPOINT_MS = 25_000;

/** A job that is under way or waits. */
interface Job {
  readonly abort: AbortController;
  wish: "pause" | "stop" | null;
}

/** The trainer behind its protocol: takes requests in, gives events out through `post`. It knows neither worker nor page, so
 *  tests run this very code. */
export function createTrainer({
  backends,
  fetchManifest,
  fetchFiles,
  stores,
  post,
  now,
  today,
  app,
}: TrainerParts) {
  let session: Session | null = null;
  let starting: Promise<void> = Promise.resolve();
  let jobs: Promise<void> = Promise.resolve();
  let recovering: Promise<void> = Promise.resolve();
  let busy: JobId | null = null;
  let failNextAllocation = false;
  const open = new Map<JobId, Job>();
  /** Short jobs that wait to be served between two steps of a long one, or in their turn. */
  const asides: TrainerJobRequest[] = [];
  const attempts = createAttempts();
  let remembered = nothingRemembered();

  const setState = (state: TrainerState) => post({ type: "state", state });
  const setIdleState = () => {
    if (session) setState(busy === null ? { status: "ready" } : { status: "busy", job: busy });
  };
  /** What opening a backend tells, in the trainer's own states. */
  const tellBackend = (event: EngineEvent): void => {
    if (event.type === "backend") post(event);
    else if (event.type === "state") {
      const { state } = event;
      if (state.status === "no-webgpu" || state.status === "software-adapter") setState(state);
    }
  };

  async function start({
    backend: choice,
    kernels = "own",
    manifestUrl,
    faults,
    checkpointMs,
  }: Start): Promise<void> {
    session?.backend.close();
    session = null;
    remembered = { ...nothingRemembered(), unkept: remembered.unkept };
    setState({ status: "probing" });
    try {
      // Both are waited for: a slow probe must not report after the failure that ends the start.
      const [fetched, opened] = await Promise.allSettled([
        fetchManifest(manifestUrl),
        openChosen(backends, choice, kernels, tellBackend),
      ]);
      if (opened.status === "rejected") throw opened.reason;
      const backend = opened.value;
      if (!backend) return;
      if (fetched.status === "rejected") {
        backend.close();
        throw fetched.reason;
      }
      const kept = Math.min(checkpointMs ?? CHECKPOINT_MS, CHECKPOINT_MS);
      const files = localFiles(stores.models, fetchFiles(manifestUrl));
      session = {
        manifest: fetched.value,
        fetchFiles: files,
        choice,
        kernels,
        faults,
        backend,
        checkpointMs: kept,
      };
      watch(backend);
      setIdleState();
    } catch (cause) {
      setState({ status: "failed", error: toTrainerError(cause) });
    }
  }

  function watch(backend: OpenedBackend): void {
    void backend.lost.then((reason) => {
      if (session?.backend !== backend) return; // closed on purpose
      setState({ status: "device-lost", reason, resumes: busy });
      recovering = recover(session);
      attempts.deviceLost(reason);
    });
  }

  /** Makes a new device; jobs put what they need on it themselves. */
  async function recover(lost: Session): Promise<void> {
    await attempts.ended();
    lost.backend.close();
    try {
      const backend = await openChosen(backends, lost.choice, lost.kernels, tellBackend);
      if (!backend) {
        session = null; // WebGPU was asked for and does not come back: the page offers another start
        return;
      }
      lost.backend = backend;
      watch(backend);
      setIdleState();
    } catch (cause) {
      session = null;
      setState({ status: "failed", error: toTrainerError(cause) });
    }
  }

  function started(): Session {
    if (!session) throw new TrainerFailure({ kind: "NotStarted" });
    return session;
  }

  /** Serves a job from its check to its closing event. */
  async function serve(request: TrainerJobRequest): Promise<void> {
    const { id } = request;
    const job = openJob(id);
    const startedAt = now();
    let work: TrainerWork | null = null;
    try {
      job.abort.signal.throwIfAborted();
      await starting;
      await recovering;
      started();
      work = trainerWork(request);
      busy = id;
      setIdleState();
      const running = work;
      const { event, transfer } = await attempts.run(
        job.abort.signal,
        () => recovering,
        (signal) => running.run(contextOf(id, job, signal)),
      );
      post({ ...event, id, ms: now() - startedAt, tensors: tensorCount() }, transfer);
    } catch (cause) {
      close(id, cause, job.abort.signal);
    } finally {
      work?.end?.();
      open.delete(id);
      busy = null;
      setIdleState();
    }
  }

  function contextOf(id: JobId, job: Job, signal: AbortSignal): TrainerContext {
    const { backend, manifest, fetchFiles: files, checkpointMs } = started();
    const breathe = async () => {
      await yieldToMessages();
      signal.throwIfAborted();
    };
    const context: TrainerContext = {
      ...stores,
      id,
      backend,
      signal,
      remembered,
      checkpointMs,
      wish: () => job.wish,
      breathe,
      between: async () => {
        await breathe();
        for (let next = asides.shift(); next; next = asides.shift()) {
          await serveAside(next, context);
          signal.throwIfAborted();
        }
      },
      beforeBatch,
      async family(name) {
        const own = await stores.models.list().catch(() => []); // a browser that keeps nothing has none
        return familyOf(withLocalModels(manifest, own), name);
      },
      fetch(part, entries) {
        const tell = (loadedBytes: number, totalBytes: number, fromCache: boolean) =>
          post({ type: "download", id, part, loadedBytes, totalBytes, fromCache });
        return files(entries, tell, signal);
      },
      post,
      now,
      today,
      app,
    };
    return context;
  }

  /** Serves a short job inside a long one: what it throws is its own, but for a device that went away under both. */
  async function serveAside(request: TrainerJobRequest, { signal }: TrainerContext): Promise<void> {
    const { id } = request;
    const job = openJob(id);
    const startedAt = now();
    const both = AbortSignal.any([job.abort.signal, signal]);
    try {
      both.throwIfAborted();
      const { event, transfer } = await trainerWork(request).run(contextOf(id, job, both));
      post({ ...event, id, ms: now() - startedAt, tensors: tensorCount() }, transfer);
    } catch (cause) {
      if (signal.aborted && !job.abort.signal.aborted) {
        asides.unshift(request); // served once the long job goes on, or has ended
        return;
      }
      close(id, cause, job.abort.signal);
    }
    open.delete(id);
  }

  /** The short jobs that nobody has served yet. */
  async function serveAsides(): Promise<void> {
    for (let next = asides.shift(); next; next = asides.shift()) await serve(next);
  }

  function beforeBatch(): void {
    if (!failNextAllocation) return;
    failNextAllocation = false;
    throw new RangeError("Array buffer allocation failed");
  }

  function openJob(id: JobId): Job {
    const existing = open.get(id);
    if (existing) return existing;
    const job: Job = { abort: new AbortController(), wish: null };
    open.set(id, job);
    return job;
  }

  /** Posts the closing event of a request that did not succeed. */
  function close(id: JobId, cause: unknown, signal: AbortSignal): void {
    const tensors = tensorCount();
    if (signal.aborted) post({ type: "cancelled", id, tensors });
    else post({ type: "failed", id, error: toTrainerError(cause), tensors });
  }

  /** Serves a request; answers come through `post`. Never throws. */
  function handle(request: TrainerRequest): void {
    switch (request.type) {
      case "start":
        // What is under way belongs to the session that ends here.
        for (const job of open.values()) job.abort.abort(new CancelledError());
        starting = Promise.all([starting, jobs, recovering]).then(() => start(request));
        break;
      case "pause":
      case "stop": {
        const job = open.get(request.id);
        if (job) job.wish = request.type;
        break;
      }
      case "cancel":
        open.get(request.id)?.abort.abort(new CancelledError());
        break;
      case "fault":
        if (!session?.faults) break;
        if (request.fault === "lose-device") session.backend.lose();
        else failNextAllocation = true;
        break;
      default:
        openJob(request.id);
        if (isAside(request)) {
          asides.push(request);
          jobs = jobs.then(serveAsides);
        } else jobs = jobs.then(() => serve(request));
    }
  }

  /** Resolves when every request, also those handed in meanwhile, has been answered. */
  const idle = async (): Promise<void> => {
    for (let awaited: readonly Promise<void>[] = []; ; ) {
      const current = [starting, jobs, recovering];
      if (current.every((promise, i) => promise === awaited[i])) return;
      awaited = current;
      await Promise.all(current);
    }
  };

  return { handle, idle };
}

/** Tensors alive; unlike tf.memory() it can be asked while there is no backend. */
const tensorCount = (): number => tfEngine().state.numTensors;
