import { connectMeasure } from "#workers/measureClient.ts";
import { drawSheet } from "./export/drawSheet.ts";
import type { CompareHost } from "./host.ts";
import { openComparisons } from "./saved/database.ts";

/** The page's own browser, as far as comparing needs it. */
export const compareHost = (): CompareHost => ({
  measure: connectMeasure(),
  comparisons: openComparisons(),
  drawSheet,
  pushHash: (hash) => history.pushState(null, "", hash),
});
