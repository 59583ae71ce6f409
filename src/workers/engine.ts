import { engine as tfEngine } from "@tensorflow/tfjs-core";
import type { Manifest } from "#checkpoints/manifest.ts";
import { CancelledError } from "#flow/sampler.ts";
import { withLocalModels } from "#library/entry.ts";
import { orAborted } from "./abortable.ts";
import { createAttempts } from "./attempts.ts";
import type { BackendSource, OpenedBackend } from "./backends.ts";
import { EngineFailure, toEngineError } from "./errors.ts";
import { type LocalModelSource, localFiles } from "./localSource.ts";
import { openChosen } from "./openBackend.ts";
import { createPartsOnDevice, type PartsOnDevice } from "./partsOnDevice.ts";
import type {
  BackendChoice,
  EngineError,
  EngineEvent,
  EngineRequest,
  EngineState,
  JobId,
  KernelChoice,
  PartName,
} from "./protocol.ts";
import type { Residents } from "./residents.ts";
import type { FetchFiles } from "./weightFiles.ts";
import type { Outcome, Work } from "./work.ts";
import { type JobRequest, workOf } from "./workOf.ts";

export interface EngineParts {
  readonly backends: BackendSource;
  /** The manifest, checked. Throws EngineFailure ManifestUnreachable | ManifestInvalid. */
  readonly fetchManifest: (url: string) => Promise<Manifest>;
  readonly fetchFiles: (manifestUrl: string) => FetchFiles;
  /** The reader's own models; absent where there are none, as on the command line. */
  readonly localModels?: LocalModelSource;
  readonly post: (event: EngineEvent, transfer?: Transferable[]) => void;
  readonly now: () => number;
  /** Name and version of the program, for the settings that images carry. */
  readonly app: string;
}

type Start = Extract<EngineRequest, { type: "start" }>;

/** What `start` set up. */
interface Session {
  /** As it was fetched, without own models. */
  readonly shipped: Manifest;
  /** What can be drawn with. */
  manifest: Manifest;
  readonly choice: BackendChoice;
  readonly kernels: KernelChoice;
  readonly faults: boolean;
  /** Another one after a device that went away. */
  backend: OpenedBackend;
  readonly parts: PartsOnDevice;
}

/** The engine behind the protocol: takes requests in, gives events out through `post`. It knows neither worker nor
 *  page, so the command line and the tests run this very code. */
export function createEngine({
  backends,
  fetchManifest,
  fetchFiles,
  localModels = NO_MODELS,
  post,
  now,
  app,
}: EngineParts) {
  let session: Session | null = null;
  let starting: Promise<void> = Promise.resolve();
  /** Loads run one after another, beside the jobs. */
  let loads: Promise<void> = Promise.resolve();
  let jobs: Promise<void> = Promise.resolve();
  let recovering: Promise<void> = Promise.resolve();
  let loading: readonly PartName[] | null = null;
  let busy: JobId | null = null;
  let failNextAllocation = false;
  const aborts = new Map<JobId, AbortController>();
  const attempts = createAttempts();

  const setState = (state: EngineState) => post({ type: "state", state });
  /** The state when nothing special is going on; jobs matter more to the reader than a download beside them. */
  const setIdleState = () => {
    if (!session) return;
    if (busy !== null) setState({ status: "busy", job: busy });
    else if (loading) setState({ status: "loading", parts: loading });
    else setState({ status: "ready" });
  };

  async function start({ backend: choice, kernels = "own", manifestUrl, faults }: Start): Promise<void> {
    if (session) {
      session.parts.close();
      session.backend.close();
      session = null;
    }
    setState({ status: "probing" });
    try {
      // Both are waited for: a slow probe must not report after the failure that ends the start.
      const [fetched, opened] = await Promise.allSettled([
        fetchManifest(manifestUrl),
        openChosen(backends, choice, kernels, post),
      ]);
      if (opened.status === "rejected") throw opened.reason;
      const backend = opened.value;
      if (!backend) return;
      if (fetched.status === "rejected") {
        backend.close();
        throw fetched.reason;
      }
      const shipped = fetched.value;
      const manifest = await withOwn(shipped);
      const parts = createPartsOnDevice(manifest, localFiles(localModels, fetchFiles(manifestUrl)));
      session = { shipped, manifest, choice, kernels, faults, backend, parts };
      watch(backend);
      post({ type: "manifest", manifest });
      setIdleState();
    } catch (cause) {
      setState({ status: "failed", error: toEngineError(cause) });
    }
  }

  /** A browser that keeps no own models can still draw with the shipped ones. */
  async function withOwn(shipped: Manifest): Promise<Manifest> {
    try {
      return withLocalModels(shipped, await localModels.list());
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      post({ type: "warning", warning: { kind: "OwnModelsUnavailable", detail } });
      return shipped;
    }
  }

  /** Between two jobs: a model that is gone may still be drawing. */
  async function followOwnModels(): Promise<void> {
    await starting;
    if (!session) return; // the next start reads them
    const manifest = await withOwn(session.shipped);
    session.manifest = manifest;
    session.parts.follow(manifest);
    post({ type: "manifest", manifest });
  }

  function watch(backend: OpenedBackend): void {
    void backend.lost.then((reason) => {
      if (session?.backend !== backend) return; // closed on purpose
      setState({ status: "device-lost", reason, restarts: busy });
      recovering = recover(session);
      attempts.deviceLost(reason);
    });
  }

  /** What became of the device stays on the page until the new one draws. */
  function tellRecovery(event: EngineEvent): void {
    if (event.type !== "state" || event.state.status !== "preparing") post(event);
  }

  /** Makes a new device and puts every weight on it again. Jobs wait for this. */
  async function recover(lost: Session): Promise<void> {
    await attempts.ended();
    const placed = lost.parts.clear();
    lost.backend.close();
    try {
      const backend = await openChosen(backends, lost.choice, lost.kernels, tellRecovery);
      if (!backend) {
        session = null; // WebGPU was asked for and does not come back: the page offers another start
        return;
      }
      lost.backend = backend;
      watch(backend);
      for (const { family, part } of placed) {
        await lost.parts.load(family, part, () => {}, new AbortController().signal);
      }
      setIdleState();
    } catch (cause) {
      session = null;
      setState({ status: "failed", error: toEngineError(cause) });
    }
  }

  function started(): Session {
    if (!session) throw new EngineFailure({ kind: "NoBackend", detail: "The engine has not been started." });
    return session;
  }

  /** Puts a part on the device, its download told as that of request `id`. */
  function loadFor(id: JobId, into: Session, family: string, part: PartName, signal: AbortSignal) {
    const onProgress = (loadedBytes: number, totalBytes: number, fromCache: boolean) =>
      post({ type: "download", id, part, loadedBytes, totalBytes, fromCache });
    return into.parts.load(family, part, onProgress, signal);
  }

  async function load(id: JobId, family: string, parts: readonly PartName[]): Promise<void> {
    const { signal } = openJob(id);
    try {
      signal.throwIfAborted();
      await starting;
      const into = started();
      loading = parts;
      if (busy === null) setIdleState();
      for (const part of parts) await loadFor(id, into, family, part, signal);
      post({ type: "loaded", id, family, parts });
    } catch (cause) {
      close(id, cause, signal);
    } finally {
      aborts.delete(id);
      loading = null;
      if (busy === null) setIdleState();
    }
  }

  /** Serves a job from its check to its closing event. */
  async function serve(request: JobRequest): Promise<void> {
    const { id } = request;
    const { signal } = openJob(id);
    const startedAt = now();
    let error: EngineError | null = null;
    try {
      signal.throwIfAborted();
      await starting;
      await recovering;
      const work = workOf(request, started().manifest);
      await partsArrived(work, signal);
      busy = id;
      setIdleState();
      const outcome = await attempts.run(
        signal,
        () => recovering,
        (attempt) => runOnce(id, work, attempt),
      );
      const buffers = outcome.type === "integrated" ? [...outcome.states] : [];
      post({ ...outcome, id, ms: now() - startedAt, tensors: tensorCount() }, buffers);
    } catch (cause) {
      error = close(id, cause, signal);
    } finally {
      aborts.delete(id);
      busy = null;
      if (error?.kind === "OutOfMemory") {
        const { batch, suggestedBatch } = error;
        setState({ status: "out-of-memory", job: id, batch, suggestedBatch });
      } else setIdleState();
    }
  }

  async function runOnce(id: JobId, work: Work, signal: AbortSignal): Promise<Outcome> {
    const running = started();
    const family = work.family.name;
    const part = <P extends PartName>(name: P): NonNullable<Residents[P]> => {
      const found = running.parts.of(family)[name];
      if (!found) throw new EngineFailure({ kind: "NotLoaded", part: name });
      return found;
    };
    const load = (name: PartName) => loadFor(id, running, family, name, signal);
    return work.run({ id, backend: running.backend, part, load, signal, now, post, app, beforeBatch });
  }

  /** Waits for the loads asked for so far, but only when the job needs something that is not there yet: light images
   *  are made while the heavy model still downloads. Throws EngineFailure NotLoaded. */
  async function partsArrived({ family, parts }: Work, signal: AbortSignal): Promise<void> {
    const missing = () => parts.find((part) => !started().parts.of(family.name)[part]);
    if (missing()) await orAborted(loads, signal);
    await recovering; // meanwhile the device may have gone away, and with it what had arrived
    const part = missing();
    if (part) throw new EngineFailure({ kind: "NotLoaded", part });
  }

  function beforeBatch(): void {
    if (!failNextAllocation) return;
    failNextAllocation = false;
    throw new RangeError("Array buffer allocation failed");
  }

  function openJob(id: JobId): AbortController {
    const existing = aborts.get(id);
    if (existing) return existing;
    const controller = new AbortController();
    aborts.set(id, controller);
    return controller;
  }

  /** Posts the closing event of a request that did not succeed; gives the error unless it was cancelled. */
  function close(id: JobId, cause: unknown, signal: AbortSignal): EngineError | null {
    const tensors = tensorCount();
    if (signal.aborted || cause instanceof CancelledError) {
      post({ type: "cancelled", id, tensors });
      return null;
    }
    const error = toEngineError(cause);
    post({ type: "failed", id, error, tensors });
    return error;
  }

  /** Serves a request; answers come through `post`. Never throws. */
  function handle(request: EngineRequest): void {
    switch (request.type) {
      case "start":
        // What is under way belongs to the session that ends here.
        for (const controller of aborts.values()) controller.abort(new CancelledError());
        starting = Promise.all([starting, loads, jobs, recovering]).then(() => start(request));
        break;
      case "load": {
        openJob(request.id);
        loads = loads.then(() => load(request.id, request.family, request.parts));
        break;
      }
      case "generate":
      case "integrate":
      case "decode":
      case "describe":
        openJob(request.id);
        jobs = jobs.then(() => serve(request));
        break;
      case "cancel":
        aborts.get(request.id)?.abort(new CancelledError());
        break;
      case "own-models-changed":
        jobs = jobs.then(followOwnModels);
        break;
      case "fault":
        if (!session?.faults) break;
        if (request.fault === "lose-device") session.backend.lose();
        else failNextAllocation = true;
        break;
      default:
        request satisfies never;
    }
  }

  /** Resolves when every request, also those handed in meanwhile, has been answered. */
  const idle = async (): Promise<void> => {
    for (let awaited: readonly Promise<void>[] = []; ; ) {
      const current = [starting, loads, jobs, recovering];
      if (current.every((promise, i) => promise === awaited[i])) return;
      awaited = current;
      await Promise.all(current);
    }
  };

  return { handle, idle };
}

const NO_MODELS: LocalModelSource = { list: async () => [], files: async () => null };

/** Tensors alive; unlike tf.memory() it can be asked while there is no backend. */
const tensorCount = (): number => tfEngine().state.numTensors;
