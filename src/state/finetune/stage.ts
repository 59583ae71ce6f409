import type { TrainerProgress } from "#workers/trainerClient.ts";
import type { TrainerPhase } from "#workers/trainerProtocol.ts";

/** A download that a job waits for. */
export interface Download {
  readonly part: string;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** How far a job has come within what it is at. */
export interface Stage {
  /** null before its first report. */
  readonly phase: TrainerPhase | null;
  readonly done: number;
  readonly of: number;
  /** What was done at the first report of the phase, and when: what is kept from before took no time. */
  readonly from: number;
  readonly since: number;
  /** Time of the last report. */
  readonly at: number;
  /** null while nothing is fetched from the network. */
  readonly download: Download | null;
}

export const beginStage = (at: number): Stage => ({
  phase: null,
  done: 0,
  of: 0,
  from: 0,
  since: at,
  at,
  download: null,
});

/** at: now, in milliseconds since 1970. */
export function stageAfter(stage: Stage, event: TrainerProgress, at: number): Stage {
  if (event.type === "download") {
    const { part, loadedBytes, totalBytes, fromCache } = event;
    const there = fromCache || loadedBytes >= totalBytes;
    return { ...stage, download: there ? null : { part, loadedBytes, totalBytes } };
  }
  if (event.type !== "progress") return stage;
  const { phase, done, of } = event;
  const begins = phase !== stage.phase || done < stage.done;
  return {
    phase,
    done,
    of,
    from: begins ? done : stage.from,
    since: begins ? at : stage.since,
    at,
    download: null,
  };
}

/** Milliseconds until the phase is done, by its pace so far; null before the pace can be told. */
export function stageLeftMs({
  done,
  of,
  from,
  since,
  at,
}: Pick<Stage, "done" | "of" | "from" | "since" | "at">): number | null {
  const made = done - from;
  const spent = at - since;
  return made <= 0 || spent < 500 ? null : (spent / made) * (of - done);
}
