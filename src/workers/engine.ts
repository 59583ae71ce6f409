import { engine as tfEngine } from "@tensorflow/tfjs-core";
import type { Manifest } from "#checkpoints/manifest.ts";
import { type ChosenModels, partsFor } from "#checkpoints/modelChoice.ts";
import { CancelledError } from "#flow/sampler.ts";
import type { BackendSource, OpenedBackend } from "./backends.ts";
import { EngineFailure, toEngineError } from "./errors.ts";
import { generateImages } from "./generate.ts";
import { openChosen } from "./openBackend.ts";
import type {
  BackendChoice,
  EngineError,
  EngineEvent,
  EngineRequest,
  EngineState,
  GenerateJob,
  JobId,
  PartName,
} from "./protocol.ts";
import { disposeResidents, type FetchFiles, familyOf, loadPart, type Residents } from "./residents.ts";
import { validateJob } from "./validateJob.ts";

export interface EngineParts {
  readonly backends: BackendSource;
  /** The manifest, checked. Throws EngineFailure ManifestUnreachable | ManifestInvalid. */
  readonly fetchManifest: (url: string) => Promise<Manifest>;
  readonly fetchFiles: (manifestUrl: string) => FetchFiles;
  readonly post: (event: EngineEvent, transfer?: Transferable[]) => void;
  readonly now: () => number;
  /** Name and version of the program, for the settings that images carry. */
  readonly app: string;
}

/** What `start` set up. */
interface Session {
  readonly manifest: Manifest;
  readonly manifestUrl: string;
  readonly choice: BackendChoice;
  readonly faults: boolean;
  backend: OpenedBackend;
  readonly families: Map<string, Residents>;
}

/** The engine behind the protocol: takes requests in, gives events out through `post`. It knows neither worker nor
 *  page, so the command line and the tests run this very code. */
export function createEngine({ backends, fetchManifest, fetchFiles, post, now, app }: EngineParts) {
  let session: Session | null = null;
  let starting: Promise<void> = Promise.resolve();
  /** Loads run one after another, beside the images. */
  let loads: Promise<void> = Promise.resolve();
  let images: Promise<void> = Promise.resolve();
  let recovering: Promise<void> = Promise.resolve();
  let loading: readonly PartName[] | null = null;
  let busy: JobId | null = null;
  let failNextAllocation = false;
  const aborts = new Map<JobId, AbortController>();
  /** Ends the attempt that runs on a device that went away. */
  let attempt: AbortController | null = null;

  const setState = (state: EngineState) => post({ type: "state", state });
  /** The state when nothing special is going on; images matter more to the reader than a download beside them. */
  const setIdleState = () => {
    if (!session) return;
    if (busy !== null) setState({ status: "busy", job: busy });
    else if (loading) setState({ status: "loading", parts: loading });
    else setState({ status: "ready" });
  };

  async function start(choice: BackendChoice, manifestUrl: string, faults: boolean): Promise<void> {
    if (session) {
      for (const residents of session.families.values()) disposeResidents(residents);
      session.backend.close();
      session = null;
    }
    setState({ status: "probing" });
    try {
      // Both are waited for: a slow probe must not report after the failure that ends the start.
      const [fetched, opened] = await Promise.allSettled([
        fetchManifest(manifestUrl),
        openChosen(backends, choice, post),
      ]);
      if (opened.status === "rejected") throw opened.reason;
      const backend = opened.value;
      if (!backend) return;
      if (fetched.status === "rejected") {
        backend.close();
        throw fetched.reason;
      }
      const manifest = fetched.value;
      session = { manifest, manifestUrl, choice, faults, backend, families: new Map() };
      watch(backend);
      post({ type: "manifest", manifest });
      setIdleState();
    } catch (cause) {
      setState({ status: "failed", error: toEngineError(cause) });
    }
  }

  function watch(backend: OpenedBackend): void {
    void backend.lost.then((reason) => {
      if (session?.backend !== backend) return; // closed on purpose
      setState({ status: "device-lost", reason, restarts: busy });
      recovering = recover(session);
      attempt?.abort(new EngineFailure({ kind: "DeviceLost", reason }));
    });
  }

  /** Makes a new device and puts every weight on it again. Images wait for this. */
  async function recover(lost: Session): Promise<void> {
    const parts = [...lost.families].flatMap(([family, residents]) =>
      (Object.keys(residents) as PartName[]).map((part) => ({ family, part })),
    );
    await attemptEnded();
    for (const residents of lost.families.values()) disposeResidents(residents);
    lost.families.clear();
    lost.backend.close();
    try {
      const backend = await openChosen(backends, lost.choice, post);
      if (!backend) {
        session = null; // WebGPU was asked for and does not come back: the page offers another start
        return;
      }
      lost.backend = backend;
      watch(backend);
      for (const { family, part } of parts) {
        await loadInto(lost, family, part, () => {}, new AbortController().signal);
      }
      setIdleState();
    } catch (cause) {
      session = null;
      setState({ status: "failed", error: toEngineError(cause) });
    }
  }

  let endAttempt: () => void = () => {};
  let attemptEnd: Promise<void> = Promise.resolve();
  const attemptEnded = () => attemptEnd;

  function started(): Session {
    if (!session) throw new EngineFailure({ kind: "NoBackend", detail: "The engine has not been started." });
    return session;
  }

  async function loadInto(
    into: Session,
    familyName: string,
    part: PartName,
    onProgress: (loadedBytes: number, totalBytes: number, fromCache: boolean) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const family = familyOf(into.manifest, familyName);
    if (into.families.get(familyName)?.[part]) return;
    const loaded = await loadPart(family, part, fetchFiles(into.manifestUrl), onProgress, signal);
    const here = into.families.get(familyName);
    // Meanwhile the session may have ended, or a recovery may have brought the same part.
    if (into !== session || here?.[part]) disposeResidents(loaded);
    else into.families.set(familyName, { ...here, ...loaded });
  }

  async function load(id: JobId, family: string, parts: readonly PartName[]): Promise<void> {
    const { signal } = openJob(id);
    try {
      signal.throwIfAborted();
      await starting;
      const into = started();
      loading = parts;
      if (busy === null) setIdleState();
      for (const part of parts) {
        const onProgress = (loadedBytes: number, totalBytes: number, fromCache: boolean) =>
          post({ type: "download", id, part, loadedBytes, totalBytes, fromCache });
        await loadInto(into, family, part, onProgress, signal);
      }
      post({ type: "loaded", id, family, parts });
    } catch (cause) {
      close(id, cause, signal);
    } finally {
      aborts.delete(id);
      loading = null;
      if (busy === null) setIdleState();
    }
  }

  async function generate(id: JobId, job: GenerateJob): Promise<void> {
    const { signal } = openJob(id);
    const startedAt = now();
    let final: EngineState | null = null;
    try {
      signal.throwIfAborted();
      await starting;
      await recovering;
      const family = familyOf(started().manifest, job.family);
      const chosen = validateJob(job, family);
      await partsArrived(job, chosen, signal);
      busy = id;
      setIdleState();
      const pending = new Set(job.images.keys());
      for (let restarts = 0; pending.size > 0; restarts++) {
        await recovering;
        const running = started();
        attempt = new AbortController();
        attemptEnd = new Promise((resolve) => {
          endAttempt = resolve;
        });
        try {
          await generateImages(id, job, pending, {
            family,
            chosen,
            residents: running.families.get(job.family) ?? {},
            backend: running.backend,
            signal: AbortSignal.any([signal, attempt.signal]),
            now,
            app,
            post,
            beforeBatch,
          });
        } catch (cause) {
          // A lost device is given one new try, on the images that are not finished yet.
          const lost = !signal.aborted && (await wasLost(attempt.signal));
          if (!lost) throw cause;
          if (restarts >= 1) throw attempt.signal.reason;
          setState({ status: "busy", job: id });
        } finally {
          attempt = null;
          endAttempt();
        }
      }
      post({ type: "done", id, images: job.images.length, ms: now() - startedAt, tensors: tensorCount() });
    } catch (cause) {
      const error = close(id, cause, signal);
      if (error?.kind === "OutOfMemory")
        final = {
          status: "out-of-memory",
          job: id,
          batch: error.batch,
          suggestedBatch: error.suggestedBatch,
        };
    } finally {
      aborts.delete(id);
      busy = null;
      if (final) setState(final);
      else setIdleState();
    }
  }

  /** Waits for the loads asked for so far, but only when the job needs something that is not there yet: light images
   *  are made while the heavy model still downloads. */
  async function partsArrived(job: GenerateJob, chosen: ChosenModels, signal: AbortSignal): Promise<void> {
    const here = session?.families.get(job.family) ?? {};
    if (partsFor(chosen, job).every((part) => here[part])) return;
    await Promise.race([
      loads,
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
    ]);
    signal.throwIfAborted();
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
        starting = Promise.all([starting, loads, images, recovering]).then(() =>
          start(request.backend, request.manifestUrl, request.faults),
        );
        break;
      case "load": {
        openJob(request.id);
        loads = loads.then(() => load(request.id, request.family, request.parts));
        break;
      }
      case "generate":
        openJob(request.id);
        images = images.then(() => generate(request.id, request.job));
        break;
      case "integrate":
      case "decode":
      case "describe":
        post({
          type: "failed",
          id: request.id,
          error: { kind: "Internal", detail: `${request.type} is not served yet.` },
          tensors: tensorCount(),
        });
        break;
      case "cancel":
        aborts.get(request.id)?.abort(new CancelledError());
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
      const current = [starting, loads, images, recovering];
      if (current.every((promise, i) => promise === awaited[i])) return;
      awaited = current;
      await Promise.all(current);
    }
  };

  return { handle, idle };
}

/** Longest time between an operation that fails because its device went away and the word that it did. */
const LOSS_NOTICE_MS = 500;

/** Whether an attempt failed because its device went away: often the operation fails before the loss is told. */
function wasLost(attempt: AbortSignal): Promise<boolean> {
  if (attempt.aborted) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), LOSS_NOTICE_MS);
    attempt.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** Tensors alive; unlike tf.memory() it can be asked while there is no backend. */
const tensorCount = (): number => tfEngine().state.numTensors;
