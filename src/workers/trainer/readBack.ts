import type { RunState } from "#training/runState.ts";
import type { TrainingRun } from "#training/trainingRun.ts";
import type { Sitting } from "./sitting.ts";

/** Most of the time that goes into copies of a run's state from its device. */
const SHARE = 0.02;

/** Copies of a run's state. */
export interface ReadBack {
  /** The state of now. Rejects as `TrainingRun.state` does. */
  state(): Promise<RunState>;
  /** To be called after a step: makes a copy, for the case that the device goes away, where the last one was made so long ago that it
   *  costs a fiftieth of the time at most. */
  afterStep(): Promise<void>;
}

/** Copies the state of a run on a device for its sitting, which has the newest copy from then on. A run on the host needs none. */
export function readBack(
  run: Pick<TrainingRun, "optimizer" | "state">,
  sitting: Pick<Sitting, "state">,
  now: () => number,
): ReadBack {
  const onDevice = run.optimizer === "device";
  let [madeAt, tookMs] = [now(), 0];
  async function state(): Promise<RunState> {
    const started = now();
    const copy = await run.state();
    if (onDevice) sitting.state = copy;
    madeAt = now();
    tookMs = madeAt - started;
    return copy;
  }
  return {
    state,
    async afterStep() {
      if (onDevice && (now() - madeAt) * SHARE >= tookMs) await state();
    },
  };
}

/** Gives a sitting the state that its run has come to, or where that went away with its device, the newest copy; what was made after
 *  it will be made again. */
export async function keepNewest(
  run: Pick<TrainingRun, "state">,
  sitting: Pick<Sitting, "state" | "curve" | "looks">,
): Promise<void> {
  const copied = sitting.state;
  sitting.state = await run.state().catch(() => copied);
  const step = sitting.state?.step ?? 0;
  const until = <Point extends { readonly step: number }>(points: Point[]): void =>
    void points.splice(0, points.length, ...points.filter((point) => point.step <= step));
  until(sitting.curve);
  until(sitting.looks);
}
