import { fail, ok, type Result } from "#bytes/result.ts";
import type { JobId } from "./protocol.ts";
import type {
  EncodeJob,
  EstimateJob,
  ExportJob,
  SampleJob,
  ScoreJob,
  SelectJob,
  TrainerError,
  TrainerEvent,
  TrainerRequest,
  TrainJob,
} from "./trainerProtocol.ts";

/** How a job ended that did not do what it was asked. */
export type NotDone =
  /** What there is is kept; asked again it goes on there. */
  | { readonly kind: "Paused"; readonly step: number | null }
  | { readonly kind: "Cancelled" }
  | { readonly kind: "Failed"; readonly error: TrainerError };

type Of<T extends TrainerEvent["type"]> = Extract<TrainerEvent, { type: T }>;
/** Events of a job before the one that closes it. */
export type TrainerProgress = Of<
  "download" | "progress" | "began" | "step" | "look" | "pictures" | "checkpointed" | "not-kept"
>;

/** A job under way. */
export interface Running<T extends TrainerEvent["type"]> {
  readonly id: JobId;
  /** Never rejects. */
  readonly done: Promise<Result<Of<T>, NotDone>>;
  /** For an encode, score or train: ends it after the step that is under way and keeps what there is. */
  pause(): void;
  /** For a train: makes a model of what there is. */
  stop(): void;
  cancel(): void;
}

type Listen = (event: TrainerProgress) => void;

/** The page's end of the wire to the trainer worker. Jobs and events are described in trainerProtocol.ts. */
export interface TrainerClient {
  /** Opens a device of the trainer's own; jobs wait for it. Asked again, it ends what is under way. */
  start(request: Omit<Extract<TrainerRequest, { type: "start" }>, "type">): void;
  encode(job: EncodeJob, listen?: Listen): Running<"encoded">;
  score(job: ScoreJob, listen?: Listen): Running<"scored">;
  select(job: SelectJob): Running<"selected">;
  estimate(job: EstimateJob, listen?: Listen): Running<"estimated">;
  train(job: TrainJob, listen?: Listen): Running<"finished">;
  /** Pictures come to `listen`. */
  sample(job: SampleJob, listen: Listen): Running<"sampled">;
  export(job: ExportJob): Running<"exported">;
  /** Ends the worker at once; open jobs are Cancelled, a run stays as its last checkpoint has it. A later job needs another
   *  `start`. */
  close(): void;
}

/** What carries requests to a trainer worker and reports what comes back. */
export interface TrainerWire {
  send(request: TrainerRequest): void;
  close(): void;
}
export type OpenTrainerWire = (
  onEvent: (event: TrainerEvent) => void,
  onFailure: (detail: string) => void,
) => TrainerWire;

/** A client whose worker starts with the first request. `onState` is told of the trainer's states and its backend; of a worker
 *  that died as a `failed` state, after its open jobs failed. */
export const connectTrainer = (onState: (event: Of<"state" | "backend">) => void): TrainerClient =>
  createTrainerClient(openWorker, onState);

interface Open {
  readonly listen: Listen;
  readonly settle: (closing: TrainerEvent | NotDone) => void;
}

/** A client over any wire. */
export function createTrainerClient(
  open: OpenTrainerWire,
  onState: (event: Of<"state" | "backend">) => void,
): TrainerClient {
  const jobs = new Map<JobId, Open>();
  let wire: TrainerWire | null = null;
  let lastId: JobId = 0;

  function end(as: NotDone): void {
    wire?.close();
    wire = null;
    for (const { settle } of [...jobs.values()]) settle(as);
  }

  function onFailure(detail: string): void {
    const error = { kind: "Internal", detail } as const;
    end({ kind: "Failed", error });
    onState({ type: "state", state: { status: "failed", error } });
  }

  function onEvent(event: TrainerEvent): void {
    if (event.type === "state" || event.type === "backend") {
      onState(event);
      return;
    }
    const job = jobs.get(event.id);
    if (!job) return; // answered here already
    if (isProgress(event)) job.listen(event);
    else job.settle(event);
  }

  const send = (request: TrainerRequest): void => {
    wire ??= open(onEvent, onFailure);
    wire.send(request);
  };

  function run<T extends TrainerEvent["type"]>(
    request: (id: JobId) => TrainerRequest,
    pick: (event: TrainerEvent) => Of<T> | null,
    listen: Listen = () => {},
  ): Running<T> {
    const id = ++lastId;
    const done = new Promise<Result<Of<T>, NotDone>>((resolve) => {
      jobs.set(id, {
        listen,
        settle(closing) {
          jobs.delete(id);
          resolve(resultOf(closing, pick));
        },
      });
      try {
        send(request(id));
      } catch (cause) {
        jobs.get(id)?.settle({ kind: "Failed", error: { kind: "Internal", detail: String(cause) } });
      }
    });
    const say = (type: "pause" | "stop" | "cancel") => () => {
      if (jobs.has(id)) wire?.send({ type, id });
    };
    return { id, done, pause: say("pause"), stop: say("stop"), cancel: say("cancel") };
  }

  return {
    start: (request) => send({ type: "start", ...request }),
    encode: (job, listen) =>
      run(
        (id) => ({ type: "encode", id, job }),
        (e) => (e.type === "encoded" ? e : null),
        listen,
      ),
    score: (job, listen) =>
      run(
        (id) => ({ type: "score", id, job }),
        (e) => (e.type === "scored" ? e : null),
        listen,
      ),
    select: (job) =>
      run(
        (id) => ({ type: "select", id, job }),
        (e) => (e.type === "selected" ? e : null),
      ),
    estimate: (job, listen) =>
      run(
        (id) => ({ type: "estimate", id, job }),
        (e) => (e.type === "estimated" ? e : null),
        listen,
      ),
    train: (job, listen) =>
      run(
        (id) => ({ type: "train", id, job }),
        (e) => (e.type === "finished" ? e : null),
        listen,
      ),
    sample: (job, listen) =>
      run(
        (id) => ({ type: "sample", id, job }),
        (e) => (e.type === "sampled" ? e : null),
        listen,
      ),
    export: (job) =>
      run(
        (id) => ({ type: "export", id, job }),
        (e) => (e.type === "exported" ? e : null),
      ),
    close: () => end({ kind: "Cancelled" }),
  };
}

const PROGRESS = [
  "download",
  "progress",
  "began",
  "step",
  "look",
  "pictures",
  "checkpointed",
  "not-kept",
] as const;

const isProgress = (event: TrainerEvent): event is TrainerProgress =>
  PROGRESS.some((type) => type === event.type);

function resultOf<T extends TrainerEvent["type"]>(
  closing: TrainerEvent | NotDone,
  pick: (event: TrainerEvent) => Of<T> | null,
): Result<Of<T>, NotDone> {
  if ("kind" in closing) return fail(closing);
  switch (closing.type) {
    case "paused":
      return fail({ kind: "Paused", step: closing.step });
    case "cancelled":
      return fail({ kind: "Cancelled" });
    case "failed":
      return fail({ kind: "Failed", error: closing.error });
    default: {
      const wanted = pick(closing);
      const detail = `a job was closed by ${closing.type}`;
      return wanted ? ok(wanted) : fail({ kind: "Failed", error: { kind: "Internal", detail } });
    }
  }
}

const openWorker: OpenTrainerWire = (onEvent, onFailure) => {
  const worker = new Worker(new URL("./trainer.worker.ts", import.meta.url), {
    type: "module",
    name: "steadyflow trainer",
  });
  worker.onmessage = (message: MessageEvent<TrainerEvent>) => onEvent(message.data);
  worker.onerror = (event) => {
    event.preventDefault(); // it reaches the page as a state, the console need not repeat it
    onFailure(event.message || "The trainer's script could not be loaded.");
  };
  worker.onmessageerror = () => onFailure("A message from the trainer could not be read.");
  return {
    send: (request) => worker.postMessage(request),
    close: () => worker.terminate(),
  };
};
