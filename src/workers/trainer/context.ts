import type { DatasetStore } from "#datasets/dataset.ts";
import type { LocalModels } from "#library/localModels.ts";
import type { Runs } from "#runs/runs.ts";
import type { OpenedBackend } from "../backends.ts";
import type { JobId } from "../protocol.ts";
import type { TrainerEvent } from "../trainerProtocol.ts";
import type { Families, Fetching } from "./fetching.ts";
import type { Locks } from "./locks.ts";
import type { Remembered } from "./remembered.ts";

/** What the trainer keeps its things in. */
export interface Stores {
  readonly datasets: DatasetStore;
  readonly runs: Runs;
  readonly models: LocalModels;
  readonly locks: Locks;
  /** Bytes that the browser still gives this site; null where it does not say. */
  room(): Promise<number | null>;
}

/** What a job is done with: one try on one device. */
export interface TrainerContext extends Stores, Fetching, Families {
  readonly id: JobId;
  readonly backend: OpenedBackend;
  /** Fires when the job is cancelled or the device goes away. */
  readonly signal: AbortSignal;
  /** What was asked of the job while it runs. */
  wish(): "pause" | "stop" | null;
  /** Lets messages in and throws the signal's reason: between two micro-batches or solver steps. */
  breathe(): Promise<void>;
  /** The same between two steps of a long job; `sample`, `select` and `export` are served here. */
  between(): Promise<void>;
  /** Called before memory is taken; a test makes it throw to see what running out of it does. */
  beforeBatch(): void;
  readonly remembered: Remembered;
  /** Longest time between two checkpoints. */
  readonly checkpointMs: number;
  post(event: TrainerEvent, transfer?: Transferable[]): void;
  now(): number;
  /** Milliseconds since 1970. */
  today(): number;
  /** Name and version of the program. */
  readonly app: string;
}

/** A request whose fields are still to be checked, with what is left of it to do. */
export interface TrainerWork {
  /** Does what is left and gives the closing event. After a device that went away it is called once more. Every tensor is
   *  disposed whatever happens. Throws TrainerFailure, EngineFailure, and what the folders below throw. */
  run(context: TrainerContext): Promise<TrainerOutcome>;
  /** The job is over, however it ended. */
  end?(): void;
}

/** A closing event but for what every one says, with the buffers that go with it. */
export interface TrainerOutcome {
  readonly event: Closing<
    "encoded" | "scored" | "selected" | "estimated" | "sampled" | "exported" | "finished" | "paused"
  >;
  readonly transfer?: Transferable[];
}

type Closing<T extends TrainerEvent["type"]> = T extends unknown
  ? Omit<Extract<TrainerEvent, { type: T }>, "id" | "ms" | "tensors">
  : never;
