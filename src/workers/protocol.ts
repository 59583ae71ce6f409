/** The one wire protocol between the page and the engine worker. Types only.
 *
 *  Order of messages: the page sends `start` once; the engine answers with `state` events, one
 *  `backend` and one `manifest`. A request with an id is answered by zero or more progress events of that id
 *  and then by exactly one closing event of that id:
 *    load       →  download*                  →  loaded | cancelled | failed
 *    generate   →  (step | preview | image)*  →  done | cancelled | failed
 *    integrate  →  (step | recorded)*         →  integrated | cancelled | failed
 *    decode     →  decoded*                   →  done | cancelled | failed
 *    describe   →  (download | described)*    →  done | cancelled | failed
 *  Jobs (all but `load`) are served in the order they arrive, one at a time; loads run beside them, and a job that needs
 *  a part not loaded yet waits for the loads asked for before it. Feature networks are loaded by `describe` itself.
 *  A job whose device goes away starts again once: images that were posted are not made again, but an `integrate`
 *  begins anew and repeats its progress events.
 *  `own-models-changed` is answered by a `manifest` event with the reader's own models among those of their families, as is
 *  every `start`; jobs that were asked for before it are served as they were asked.
 *  `state` and `warning` events may come at any time. Buffers in events are transferred: the page owns them, the engine
 *  keeps no copy. Buffers in requests are the page's; the engine does not write into them. */
import type { FeaturePart, Manifest, PartName } from "#checkpoints/manifest.ts";
import type { ImageSettings } from "#images/settings.ts";
import type {
  DecodeJob,
  DescribeJob,
  Evaluations,
  GenerateJob,
  IntegrateJob,
  Picture,
  Seen,
} from "./jobs.ts";
import type { KernelChoice } from "./kernelNames.ts";

export type {
  DecodeItem,
  DecodeJob,
  DescribeImage,
  DescribeJob,
  Drawing,
  Evaluations,
  GenerateJob,
  ImageRequest,
  IntegrateJob,
  Picture,
  Seen,
  Start,
} from "./jobs.ts";

export type JobId = number;
export type BackendName = "webgpu" | "wasm" | "cpu";
export type BackendChoice = "auto" | BackendName;
export type { FeaturePart, KernelChoice, PartName };

/** The backend that was chosen and, in plain words, why. */
export interface BackendReport {
  readonly name: BackendName;
  readonly requested: BackendChoice;
  readonly reason: string;
  /** Adapter description on WebGPU, else null. */
  readonly adapter: string | null;
  readonly software: boolean;
  /** Images sampled side by side. */
  readonly microBatch: number;
  /** What the velocity networks run on, in a few words. */
  readonly kernels: string;
}

export type EngineState =
  | { readonly status: "probing" }
  /** Our kernels are being compiled for the device: `done` of `of` are. */
  | { readonly status: "preparing"; readonly done: number; readonly of: number }
  /** WebGPU was asked for and is not there; waits for another `start`. */
  | { readonly status: "no-webgpu"; readonly reason: string; readonly remedy: string }
  /** Only a software adapter: passes on to wasm, unless webgpu was forced. */
  | { readonly status: "software-adapter"; readonly adapter: string; readonly reason: string }
  | { readonly status: "loading"; readonly parts: readonly PartName[] }
  | { readonly status: "ready" }
  | { readonly status: "busy"; readonly job: JobId }
  /** The device went away; a new one is being made and the job starts again once. */
  | { readonly status: "device-lost"; readonly reason: string; readonly restarts: JobId | null }
  | {
      readonly status: "out-of-memory";
      readonly job: JobId;
      readonly batch: number;
      readonly suggestedBatch: number | null;
    }
  | { readonly status: "failed"; readonly error: EngineError };

/** Every way a request can fail. The page turns `kind` into a sentence with what to do next. */
export type EngineError =
  | { readonly kind: "NoBackend"; readonly detail: string }
  | { readonly kind: "ManifestUnreachable"; readonly url: string; readonly detail: string }
  | { readonly kind: "ManifestInvalid"; readonly url: string; readonly detail: string }
  | { readonly kind: "UnknownFamily"; readonly family: string; readonly known: readonly string[] }
  | {
      readonly kind: "DownloadFailed";
      readonly file: string;
      readonly httpStatus: number | null;
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly detail: string;
    }
  | {
      readonly kind: "HashMismatch";
      readonly file: string;
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: "BadCheckpoint"; readonly file: string; readonly detail: string }
  /** A model of the reader's own that this browser no longer keeps. */
  | { readonly kind: "OwnModelMissing"; readonly model: string }
  | { readonly kind: "InvalidJob"; readonly field: string; readonly detail: string }
  | { readonly kind: "NotLoaded"; readonly part: PartName }
  | { readonly kind: "OutOfMemory"; readonly batch: number; readonly suggestedBatch: number | null }
  | { readonly kind: "DeviceLost"; readonly reason: string }
  | { readonly kind: "Internal"; readonly detail: string };

/** What went wrong on the side of a download while the weights themselves arrived whole. */
export type EngineWarning =
  /** The browser keeps nothing here: a private window, plain http, storage switched off. */
  | { readonly kind: "CacheUnavailable"; readonly detail: string }
  /** Usually a full disk: the file is used, and fetched again next time. */
  | { readonly kind: "NotCached"; readonly file: string; readonly detail: string }
  /** A kept file had been damaged and was fetched again. */
  | { readonly kind: "CacheCorrupt"; readonly file: string }
  /** The reader's own models cannot be read: the browser keeps nothing here. */
  | { readonly kind: "OwnModelsUnavailable"; readonly detail: string };

export type EngineRequest =
  | {
      readonly type: "start";
      readonly backend: BackendChoice;
      /** "own" when absent. */ readonly kernels?: KernelChoice;
      readonly manifestUrl: string;
      /** Allows `fault`; set by tests only. */ readonly faults: boolean;
    }
  | {
      readonly type: "load";
      readonly id: JobId;
      readonly family: string;
      readonly parts: readonly PartName[];
    }
  | { readonly type: "generate"; readonly id: JobId; readonly job: GenerateJob }
  | { readonly type: "integrate"; readonly id: JobId; readonly job: IntegrateJob }
  | { readonly type: "decode"; readonly id: JobId; readonly job: DecodeJob }
  | { readonly type: "describe"; readonly id: JobId; readonly job: DescribeJob }
  | { readonly type: "cancel"; readonly id: JobId }
  /** The reader's own models are others than when the last manifest was sent. */
  | { readonly type: "own-models-changed" }
  /** Test aid, ignored unless `start` allowed it. */
  | { readonly type: "fault"; readonly fault: "lose-device" | "next-allocation-fails" };

export type EngineEvent =
  | { readonly type: "state"; readonly state: EngineState }
  | { readonly type: "backend"; readonly report: BackendReport }
  /** What can be drawn with: once after a start, and again when the reader's own models have changed. */
  | { readonly type: "manifest"; readonly manifest: Manifest }
  | {
      readonly type: "download";
      readonly id: JobId;
      readonly part: PartName;
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly fromCache: boolean;
    }
  | {
      readonly type: "loaded";
      readonly id: JobId;
      readonly family: string;
      readonly parts: readonly PartName[];
    }
  | { readonly type: "warning"; readonly warning: EngineWarning }
  /** Images (or starts) `first` … `first+count−1` of the job finished solver step `step` of `of` (1-based), now at time `t`.
   *  Both count steps of the whole trajectory: a stretch sends from+1 … to of N−1. */
  | {
      readonly type: "step";
      readonly id: JobId;
      readonly first: number;
      readonly count: number;
      readonly step: number;
      readonly of: number;
      readonly t: number;
      readonly served: "light" | "heavy";
      readonly stepMs: number;
    }
  /** x̂1 of image `index` at latent resolution; RGBA bytes, transferred. */
  | {
      readonly type: "preview";
      readonly id: JobId;
      readonly index: number;
      readonly t: number;
      readonly width: number;
      readonly height: number;
      readonly rgba: ArrayBuffer;
    }
  /** A finished image; RGBA bytes, transferred. */
  | {
      readonly type: "image";
      readonly id: JobId;
      readonly index: number;
      readonly seed: number;
      readonly label: number;
      readonly width: number;
      readonly height: number;
      readonly rgba: ArrayBuffer;
      /** sha256 of the RGB bytes, hex. */
      readonly sha256: string;
      /** What a PNG of this image carries: everything needed to make it again. */
      readonly settings: ImageSettings;
      readonly nfe: Evaluations;
      readonly passes: number;
      readonly ms: { readonly sample: number; readonly decode: number };
      readonly tensors: number;
    }
  /** What a stretch was asked to record after a step, one entry a start. */
  | {
      readonly type: "recorded";
      readonly id: JobId;
      /** 0-based, as in `record`. */
      readonly step: number;
      /** Time at the step's start, which is x̂1's own. */
      readonly t: number;
      readonly tNext: number;
      readonly served: "light" | "heavy";
      /** Latents at tNext. */
      readonly states: readonly ArrayBuffer[];
      /** Data estimates x̂1 = x + (1 − t) v at t, as latents. */
      readonly x1Hats: readonly ArrayBuffer[];
      /** x̂1 through the family's linear map; null in the latents of another autoencoder, whose map nobody fitted. */
      readonly previews: readonly Picture[] | null;
    }
  | {
      readonly type: "integrated";
      readonly id: JobId;
      /** Latents at grid[to], one a start. */
      readonly states: readonly ArrayBuffer[];
      /** Of one start. */
      readonly nfe: Evaluations;
      readonly passes: number;
      readonly ms: number;
      readonly tensors: number;
    }
  | {
      readonly type: "decoded";
      readonly id: JobId;
      readonly index: number;
      readonly width: number;
      readonly height: number;
      readonly rgba: ArrayBuffer;
      /** sha256 of the RGB bytes, hex. */
      readonly sha256: string;
      /** As in `image`; null without a cell. */
      readonly settings: ImageSettings | null;
      readonly ms: number;
    }
  | {
      readonly type: "described";
      readonly id: JobId;
      readonly index: number;
      /** Features f32 [D], not normalised; null when the embedding was not asked for. */
      readonly embedding: ArrayBuffer | null;
      /** null when the classifier was not asked for. */
      readonly seen: Seen | null;
    }
  | {
      readonly type: "done";
      readonly id: JobId;
      /** Images made, latents decoded or pictures described. */
      readonly images: number;
      readonly ms: number;
      /** tf.memory().numTensors after the job. */
      readonly tensors: number;
    }
  | { readonly type: "cancelled"; readonly id: JobId; readonly tensors: number }
  | { readonly type: "failed"; readonly id: JobId; readonly error: EngineError; readonly tensors: number };
