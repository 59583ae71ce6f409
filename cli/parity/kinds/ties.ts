import * as v from "valibot";
import { balancedQuota } from "#scoring/balancedQuota.ts";
import { herding } from "#scoring/herding.ts";
import { kCenter } from "#scoring/kCenter.ts";
import { proportionalQuota } from "#scoring/keptCount.ts";
import { sphericalKMeans } from "#scoring/kMeans.ts";
import { matrixOf } from "#scoring/matrix.ts";
import { selectByScore } from "#scoring/selectByScore.ts";
import { selectPerCluster } from "#scoring/selectPerCluster.ts";
import { unitRows } from "#scoring/unitRows.ts";
import { readConfig } from "../goldenCase.ts";
import type { Kind } from "../kind.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const indices = v.array(count);
const rows = v.pipe(v.array(v.array(v.number())), v.minLength(1));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const chosen = v.optional(v.array(v.object({ keep: count, largest: v.boolean(), selected: indices })), []);
const schema = v.object({
  features: rows,
  init_centroids: rows,
  iterations: count,
  labels: indices,
  balanced: v.optional(
    v.array(v.object({ total: count, furthest: v.boolean(), quota: indices, selected: indices })),
    [],
  ),
  proportional: v.optional(v.array(v.object({ keep: share, furthest: v.boolean(), selected: indices })), []),
  score_values: v.optional(v.array(v.number()), []),
  scores: chosen,
  kcenter: v.optional(v.object({ start: count, m: count, selected: indices })),
  herding_linear: v.optional(v.object({ m: count, selected: indices })),
});

/** Selections whose cuts run through exact ties: the lower index wins, in the order of selection. */
export const ties: Kind = async ({ golden, compare }) => {
  const about = readConfig(golden, schema);
  const exactly = (name: string, got: ArrayLike<number>, want: ArrayLike<number>) =>
    compare.values(name, got, want, "exact");
  const unit = unitRows(matrix(about.features));
  const { labels, sizes, distances } = sphericalKMeans(unit, matrix(about.init_centroids), about.iterations);
  exactly("labels", labels, about.labels);
  for (const { total, furthest, quota, selected } of about.balanced) {
    const name = `balanced ${total}${furthest ? " furthest" : ""}`;
    const got = balancedQuota(sizes, total);
    exactly(`${name} quota`, got, quota);
    exactly(name, selectPerCluster(labels, distances, got, furthest), selected);
  }
  for (const { keep, furthest, selected } of about.proportional) {
    const quota = proportionalQuota(sizes, 1 - keep);
    exactly(`proportional ${keep}`, selectPerCluster(labels, distances, quota, furthest), selected);
  }
  for (const { keep, largest, selected } of about.scores)
    exactly(
      `${keep} ${largest ? "largest" : "smallest"}`,
      selectByScore(about.score_values, keep, largest),
      selected,
    );
  const { kcenter, herding_linear } = about;
  if (kcenter) exactly("kcenter", kCenter(unit, kcenter.m, kcenter.start), kcenter.selected);
  if (herding_linear) exactly("herding", herding(unit, herding_linear.m), herding_linear.selected);
};

const matrix = (rows: readonly (readonly number[])[]) =>
  matrixOf(rows.flat(), rows.length, rows[0]?.length ?? 0);
