import { EngineFailure } from "./errors.ts";

/** Tries of jobs, one at a time, on a device that may go away under them. */
export interface Attempts {
  /** Runs `task`, and once more when the device went away under it. Awaits `ready` before each try. The signal given to
   *  the task fires with that of the job, or when the device goes away. Throws what the task throws, and EngineFailure
   *  DeviceLost when the device went away twice. */
  run<T>(job: AbortSignal, ready: () => Promise<void>, task: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The device went away: ends the try that is under way. */
  deviceLost(reason: string): void;
  /** Resolves when no try is under way. */
  ended(): Promise<void>;
}

export function createAttempts(): Attempts {
  /** Fires when the device of the current try goes away. */
  let lost: AbortController | null = null;
  let end: Promise<void> = Promise.resolve();

  async function once<T>(job: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const device = new AbortController();
    lost = device;
    let ended: () => void = () => {};
    end = new Promise((resolve) => {
      ended = resolve;
    });
    try {
      return await task(AbortSignal.any([job, device.signal]));
    } catch (cause) {
      if (!job.aborted && (await wasLost(device.signal))) throw device.signal.reason;
      throw cause;
    } finally {
      lost = null;
      ended();
    }
  }

  return {
    async run(job, ready, task) {
      await ready();
      try {
        return await once(job, task);
      } catch (cause) {
        const { kind } = cause instanceof EngineFailure ? cause.error : { kind: null };
        if (kind !== "DeviceLost") throw cause;
      }
      await ready();
      return once(job, task);
    },
    deviceLost: (reason) => lost?.abort(new EngineFailure({ kind: "DeviceLost", reason })),
    ended: () => end,
  };
}

/** Longest time between an operation that fails because its device went away and the word that it did. */
const LOSS_NOTICE_MS = 500;

/** Whether a try failed because its device went away: often the operation fails before the loss is told. */
function wasLost(device: AbortSignal): Promise<boolean> {
  if (device.aborted) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), LOSS_NOTICE_MS);
    device.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
