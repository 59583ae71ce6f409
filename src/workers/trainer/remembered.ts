import type { RunId, RunRecord } from "#runs/run.ts";
import type { RunCheckpoint } from "#runs/runs.ts";
import type { Evidence } from "#scoring/evidence.ts";
import type { EvidenceKey } from "../trainerProtocol.ts";
import type { LiveRun } from "./liveRun.ts";

/** What the worker keeps in memory between jobs. */
export interface Remembered {
  /** Latents of the data set that was last asked for. */
  latents: { readonly key: string; readonly values: Float32Array } | null;
  evidence: { readonly key: EvidenceKey; readonly is: Evidence } | null;
  /** The run that is being trained. */
  live: LiveRun | null;
  /** Runs whose newest state storage did not take. */
  readonly unkept: Map<RunId, UnkeptRun>;
}

export interface UnkeptRun extends RunCheckpoint {
  readonly record: Pick<RunRecord, "id" | "plan" | "baseSha256" | "createdAt">;
}

export const nothingRemembered = (): Remembered => ({
  latents: null,
  evidence: null,
  live: null,
  unkept: new Map(),
});
