import type { MeasureClient } from "#workers/measureClient.ts";
import type { TakeAwayHost } from "./export/takeAway.ts";
import type { ComparisonDatabase } from "./saved/database.ts";

/** What comparing alone needs of the browser. */
export interface CompareHost {
  readonly measure: MeasureClient;
  readonly comparisons: ComparisonDatabase;
  /** Turns a drawing of the grid with its labels into a PNG. */
  readonly drawSheet: TakeAwayHost["drawSheet"];
  /** Leaves the grid's address in the history and goes on from it with this one, so that Back leads to the grid. */
  readonly pushHash: (hash: string) => void;
}
