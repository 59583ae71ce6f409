import * as v from "valibot";
import { balancedQuota } from "#scoring/balancedQuota.ts";
import { readConfig } from "../goldenCase.ts";
import type { Kind } from "../kind.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const schema = v.object({
  cases: v.array(v.object({ sizes: v.array(count), total: count, quota: v.array(count) })),
});

/** Balanced quotas, exact. */
export const quota: Kind = async ({ golden, compare }) => {
  for (const { sizes, total, quota } of readConfig(golden, schema).cases)
    compare.values(`quota of ${total} over ${sizes}`, balancedQuota(sizes, total), quota, "exact");
};
