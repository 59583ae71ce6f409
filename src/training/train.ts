import type { TrainingRun, TrainStep } from "./trainingRun.ts";

/** Makes steps until `steps` have been made in all, yielding each. Whoever drives it pauses by not asking for more and stops
 *  by leaving; the run stays as it is and can go on. `between` as in `TrainingRun.advance`, which also says what is thrown. */
export async function* train(
  run: TrainingRun,
  steps: number,
  between?: () => void | Promise<void>,
): AsyncGenerator<TrainStep, void> {
  while (run.step < steps) yield await run.advance(between);
}
