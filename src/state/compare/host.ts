import type { MeasureClient } from "#workers/measureClient.ts";
import type { TakeAwayHost } from "./export/takeAway.ts";
import type { ComparisonDatabase } from "./saved/database.ts";

/** What comparing alone needs of the browser. */
export interface CompareHost {
  readonly measure: MeasureClient;
  readonly comparisons: ComparisonDatabase;
  /** Turns a drawing of the grid with its labels into a PNG. */
  readonly drawSheet: TakeAwayHost["drawSheet"];
}
