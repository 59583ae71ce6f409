/** The wire between the page and the trainer worker, which encodes, scores and trains on a device of its own. Types only.
 *
 *  The page sends `start` once; the trainer answers with `state` events and one `backend`. A request with an id is answered by
 *  zero or more progress events of that id and then by exactly one closing event of that id:
 *    encode    →  (download | progress)*                                    →  encoded | paused | cancelled | failed
 *    score     →  (download | progress)*                                    →  scored | paused | cancelled | failed
 *    estimate  →  (download | progress)*                                    →  estimated | cancelled | failed
 *    train     →  (download | progress)*, began, (step | look | pictures |
 *                 checkpointed | not-kept)*                                 →  finished | paused | cancelled | failed
 *    sample    →  pictures                                                  →  sampled | cancelled | failed
 *    select    →                                                               selected | cancelled | failed
 *    export    →                                                               exported | cancelled | failed
 *  Jobs are served in the order they arrive, one at a time. `sample`, `select` and `export` do not wait for an `encode`, `score`
 *  or `train` that is under way: they are served between two of its steps. Looks at the data of a run (its curve so far) are
 *  for the page to read in runs/; the events tell what is new.
 *
 *  `pause` ends an encode, score or train after the step that is under way and keeps what there is: asked again (train: by
 *  `resume`) it goes on there. `stop` makes a model of a run's average weights as they are. `cancel` ends any job within one
 *  step and keeps nothing new: a run stays as its last checkpoint has it.
 *  A run is trained in one tab at a time: a lock says so, and in a second tab `train` fails with RunLocked.
 *  When the device goes away, a new one is made and the job goes on, once. A run whose optimizer is on the host loses nothing then;
 *  one whose optimizer is on the device makes the steps again that were not copied from it: a fiftieth of the time goes into copies. Buffers in events are transferred: the page owns them. */

import type { StorageError } from "#files/byteFiles.ts";
import type { LocalModel } from "#library/localModel.ts";
import type { CurvePoint, LookPoint, RunId } from "#runs/run.ts";
import type { ScoringProblem } from "#scoring/scoringError.ts";
import type { TrainingProblem } from "#training/trainingError.ts";
import type {
  BackendChoice,
  BackendReport,
  EngineError,
  JobId,
  KernelChoice,
  PartName,
  Picture,
} from "./protocol.ts";
import type {
  EncodeJob,
  EstimateJob,
  EvidenceKey,
  ExportJob,
  SampleJob,
  ScoreJob,
  SelectJob,
  TrainJob,
} from "./trainerJobs.ts";

export type { BackendChoice, BackendReport, JobId, Picture } from "./protocol.ts";
export type {
  EncodeJob,
  EstimateJob,
  EvidenceKey,
  ExportJob,
  SampleJob,
  ScoreJob,
  SelectJob,
  TrainJob,
} from "./trainerJobs.ts";

export type TrainerState =
  | { readonly status: "probing" }
  /** WebGPU was asked for and is not there; waits for another `start`. */
  | { readonly status: "no-webgpu"; readonly reason: string; readonly remedy: string }
  /** Only a software adapter: passes on to wasm, unless webgpu was forced. */
  | { readonly status: "software-adapter"; readonly adapter: string; readonly reason: string }
  | { readonly status: "ready" }
  | { readonly status: "busy"; readonly job: JobId }
  /** The device went away; a new one is being made and the job goes on, once. */
  | { readonly status: "device-lost"; readonly reason: string; readonly resumes: JobId | null }
  | { readonly status: "failed"; readonly error: TrainerError };

/** Every way a request can fail. The page turns `kind` into a sentence with what to do next. */
export type TrainerError =
  | EngineError
  | { readonly kind: "NotStarted" }
  | { readonly kind: "DatasetMissing"; readonly dataset: string }
  /** Pictures of another size than the family's. */
  | { readonly kind: "PicturesDoNotFit"; readonly imageSize: number; readonly expected: number }
  | { readonly kind: "RunMissing"; readonly run: RunId }
  /** It is trained in another tab or window of this browser. */
  | { readonly kind: "RunLocked"; readonly run: RunId }
  /** Neither of the run's two checkpoints can be read. */
  | { readonly kind: "CheckpointDamaged"; readonly run: RunId }
  /** The model that the run began with is another one now. */
  | { readonly kind: "BaseChanged"; readonly model: string }
  | { readonly kind: "ModelMissing"; readonly model: string; readonly known: readonly string[] }
  /** Only DiTs are trained and scored with. */
  | { readonly kind: "NotTrainable"; readonly model: string; readonly architecture: string }
  /** The teacher knows classes that the trained network calls otherwise. */
  | { readonly kind: "TeacherClassesDiffer"; readonly teacher: string }
  | { readonly kind: "EvidenceMissing"; readonly evidence: EvidenceKey }
  /** Memory ran out in a training step; with fewer samples at once it goes on where it was. */
  | {
      readonly kind: "TrainingOutOfMemory";
      readonly run: RunId;
      readonly microBatch: number;
      readonly suggestedMicroBatch: number | null;
    }
  | { readonly kind: "Training"; readonly problem: TrainingProblem }
  | { readonly kind: "Scoring"; readonly problem: ScoringProblem }
  | { readonly kind: "Storage"; readonly error: StorageError };

export type TrainerRequest =
  | {
      readonly type: "start";
      readonly backend: BackendChoice;
      /** "own" when absent. */ readonly kernels?: KernelChoice;
      readonly manifestUrl: string;
      /** Allows `fault`; set by tests only. */
      readonly faults: boolean;
      /** Longest time between two checkpoints of a run, 25 s by default and at most. */
      readonly checkpointMs?: number;
    }
  | { readonly type: "encode"; readonly id: JobId; readonly job: EncodeJob }
  | { readonly type: "score"; readonly id: JobId; readonly job: ScoreJob }
  | { readonly type: "select"; readonly id: JobId; readonly job: SelectJob }
  | { readonly type: "estimate"; readonly id: JobId; readonly job: EstimateJob }
  | { readonly type: "train"; readonly id: JobId; readonly job: TrainJob }
  | { readonly type: "sample"; readonly id: JobId; readonly job: SampleJob }
  | { readonly type: "export"; readonly id: JobId; readonly job: ExportJob }
  | { readonly type: "pause"; readonly id: JobId }
  | { readonly type: "stop"; readonly id: JobId }
  | { readonly type: "cancel"; readonly id: JobId }
  /** Test aid, ignored unless `start` allowed it. */
  | { readonly type: "fault"; readonly fault: "lose-device" | "next-allocation-fails" };

/** What a long job is at. */
export type TrainerPhase =
  | "encoding"
  | "losses"
  | "gradients"
  | "features"
  | "dominance"
  /** Latents of the trained samples at the switch time, by the heavy model. */
  | "seam"
  | "trial-steps"
  /** Pictures of the base, and its held-out loss. */
  | "base";

/** What training costs, measured by a few steps on data of the same size. */
export interface TrainingEstimate {
  /** Median of the trial steps. */
  readonly stepMs: number;
  /** One look: held-out loss and pictures. */
  readonly lookMs: number;
  /** Once, before the first step: the seam's inversion, and the base's look. */
  readonly beforeMs: number;
  /** Steps, looks and what comes before, for the whole plan. */
  readonly totalMs: number;
  /** Most memory that tensors take at once on the device; of WebAssembly, which can have 4 GiB and never gives any back, all that
   *  it has grown to. */
  readonly deviceBytes: number;
  /** Weights, gradient, moments, averages and latents outside the device. */
  readonly hostBytes: number;
  /** Two checkpoints and the finished model in storage. */
  readonly storageBytes: number;
  /** What the browser still gives; null where it does not say. */
  readonly storageFree: number | null;
  readonly parameters: { readonly trained: number; readonly all: number };
  /** Where AdamW and the averages would be. */
  readonly optimizer: "host" | "device";
  /** Trial steps that were timed. */
  readonly trials: number;
}

export type TrainerEvent =
  | { readonly type: "state"; readonly state: TrainerState }
  | { readonly type: "backend"; readonly report: BackendReport }
  | {
      readonly type: "download";
      readonly id: JobId;
      readonly part: PartName | "encoder";
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly fromCache: boolean;
    }
  | {
      readonly type: "progress";
      readonly id: JobId;
      readonly phase: TrainerPhase;
      readonly done: number;
      readonly of: number;
    }
  /** The run is about to make step number `step` + 1 of `of`; it goes on at its checkpoint unless `step` is 0. */
  | {
      readonly type: "began";
      readonly id: JobId;
      readonly run: RunId;
      readonly step: number;
      readonly of: number;
      /** Where AdamW and the averages are: on the device that trains, or with the processor. */
      readonly optimizer: "host" | "device";
      /** Class names in label order; those beyond the family's are the run's own. */
      readonly classes: readonly string[];
    }
  | ({ readonly type: "step"; readonly id: JobId; readonly of: number } & CurvePoint)
  | ({ readonly type: "look"; readonly id: JobId } & LookPoint)
  /** Pictures after `step` steps, in the order of asking; `base`: by the network that the run began with, told once a sitting. */
  | {
      readonly type: "pictures";
      readonly id: JobId;
      readonly step: number;
      readonly base: boolean;
      readonly pictures: readonly Picture[];
    }
  | {
      readonly type: "checkpointed";
      readonly id: JobId;
      readonly step: number;
      readonly bytes: number;
      readonly ms: number;
    }
  /** Something could not be kept. The job goes on with what it has in memory; a run that is not exported is lost with the
   *  tab. Of checkpoints told once until one can be written again. */
  | {
      readonly type: "not-kept";
      readonly id: JobId;
      readonly what: "latents" | "evidence" | "seam" | "run" | "pictures";
      readonly error: StorageError;
    }
  /** Closing events. */
  | (Closed & {
      readonly type: "encoded";
      readonly count: number;
      /** All of them were there already. */
      readonly fromCache: boolean;
    })
  /** Values f64 [N] in the order of the data set; null for what was neither asked for nor there. */
  | (Closed & {
      readonly type: "scored";
      readonly evidence: EvidenceKey;
      readonly samples: number;
      readonly loss: ArrayBuffer | null;
      readonly gradient: ArrayBuffer | null;
      readonly dominance: ArrayBuffer | null;
      /** What follows from features. */
      readonly clusters: {
        readonly count: number;
        /** u32 [N] */
        readonly labels: ArrayBuffer;
        /** f64 [N]: to the own centroid. */
        readonly distances: ArrayBuffer;
        /** f32 [N,2]: the two principal directions of the unit features. */
        readonly map: ArrayBuffer;
      } | null;
    })
  /** kept: u32, ascending. */
  | (Closed & { readonly type: "selected"; readonly kept: ArrayBuffer })
  | (Closed & { readonly type: "estimated"; readonly estimate: TrainingEstimate })
  | (Closed & { readonly type: "sampled" })
  | (Closed & {
      readonly type: "exported";
      readonly step: number;
      /** What the files are, as the library would keep it. */
      readonly model: LocalModel;
      /** Safetensors files in f32: all weights, and the low-rank matrices where these were trained. */
      readonly weights: ArrayBuffer;
      readonly adapter: ArrayBuffer | null;
    })
  | (Closed & {
      readonly type: "finished";
      readonly run: RunId;
      readonly step: number;
      readonly model: LocalModel;
      /** Why the library could not keep it, so that it is there for `export` alone; null when it has it. */
      readonly notKept: StorageError | null;
    })
  /** What there is is kept. `step`: of a run. */
  | (Closed & { readonly type: "paused"; readonly step: number | null })
  | { readonly type: "cancelled"; readonly id: JobId; readonly tensors: number }
  | { readonly type: "failed"; readonly id: JobId; readonly error: TrainerError; readonly tensors: number };

/** What every closing event of a job that was served says. */
interface Closed {
  readonly id: JobId;
  readonly ms: number;
  /** Tensors alive after the job. */
  readonly tensors: number;
}
