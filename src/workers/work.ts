import type { Family } from "#checkpoints/manifest.ts";
import type { OpenedBackend } from "./backends.ts";
import { EngineFailure, isOutOfMemory } from "./errors.ts";
import type { EngineEvent, JobId, PartName } from "./protocol.ts";
import type { Residents } from "./residents.ts";

/** A job whose fields are checked, with what is left of it to do. */
export interface Work {
  readonly family: Family;
  /** Parts that must be on the device before it begins. */
  readonly parts: readonly PartName[];
  /** Does what is left, posts what comes of it, and gives the closing event. After a device that went away it is called
   *  once more. Every tensor is disposed whatever happens. Messages are let in after every solver step, decode and
   *  picture, and a cancel ends it before the next evaluation: the worst delay is one of these.
   *  Throws EngineFailure, CancelledError or the signal's reason, and what the backend throws. */
  run(context: WorkContext): Promise<Outcome>;
}

/** A closing event but for what every one says. */
export type Outcome = ClosingFields<"done"> | ClosingFields<"integrated">;
type ClosingFields<T extends EngineEvent["type"]> = Omit<
  Extract<EngineEvent, { type: T }>,
  "id" | "ms" | "tensors"
>;

/** What work is done with: one try on one device. */
export interface WorkContext {
  readonly id: JobId;
  readonly backend: OpenedBackend;
  /** A part that is on the device. Throws EngineFailure NotLoaded. */
  readonly part: <P extends PartName>(part: P) => NonNullable<Residents[P]>;
  /** Puts a part on the device unless it is there, and tells its download. Throws as `loadPart`. */
  readonly load: (part: PartName) => Promise<void>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly post: (event: EngineEvent, transfer?: Transferable[]) => void;
  /** Name and version of the program, for the settings that images carry. */
  readonly app: string;
  /** Called before memory is taken; a test makes it throw to see what running out of it does. */
  readonly beforeBatch: () => void;
}

/** Does something with `count` images side by side. When memory runs out, half as many are suggested: throws
 *  EngineFailure OutOfMemory. */
export async function sideBySide<T>(
  count: number,
  { beforeBatch }: WorkContext,
  task: () => Promise<T>,
): Promise<T> {
  try {
    beforeBatch();
    return await task();
  } catch (cause) {
    if (!isOutOfMemory(cause)) throw cause;
    const suggestedBatch = count > 1 ? Math.floor(count / 2) : null;
    throw new EngineFailure({ kind: "OutOfMemory", batch: count, suggestedBatch });
  }
}
