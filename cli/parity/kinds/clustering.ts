import * as v from "valibot";
import { balancedQuota } from "#scoring/balancedQuota.ts";
import { herding } from "#scoring/herding.ts";
import { kCenter } from "#scoring/kCenter.ts";
import { proportionalQuota } from "#scoring/keptCount.ts";
import { fourierFeatures, medianSigma } from "#scoring/kernelFeatures.ts";
import { sphericalKMeans } from "#scoring/kMeans.ts";
import { type Matrix, matrixOf } from "#scoring/matrix.ts";
import { selectByKernel, selectPerCluster } from "#scoring/selectPerCluster.ts";
import { unitRows } from "#scoring/unitRows.ts";
import { CaseError } from "../caseError.ts";
import { inputOf, readConfig } from "../goldenCase.ts";
import type { HostTensor } from "../hostTensor.ts";
import type { Kind } from "../kind.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const schema = v.object({
  config: v.object({
    iterations: count,
    keep_totals: v.record(v.string(), count),
    kernel_keep: v.number(),
    m: count,
    kcenter_start: count,
  }),
});

/** Spherical k-means and what is selected by it: C_p, C_b, C_b^κ; herding, k-center, the median width. Suffixes of names
 *  are shares that are kept. */
export const clustering: Kind = async ({ golden, compare }) => {
  const { config } = readConfig(golden, schema);
  const unit = unitRows(matrix(inputOf(golden, "features")));
  const clusters = sphericalKMeans(unit, matrix(inputOf(golden, "init_centroids")), config.iterations);
  const { labels, centroids, sizes, distances, inertia } = clusters;
  compare.output("unit_features", tensor(unit));
  compare.output("centroids", tensor(centroids));
  compare.output("labels", list(labels));
  compare.output("sizes", list(sizes));
  compare.output("inertia", { shape: [], values: Float32Array.of(inertia) });
  compare.output("distance_to_centroid", list(distances));
  compare.output("median_sigma_all", { shape: [], values: Float32Array.of(medianSigma(unit, 0)) });

  const totalOf = (share: string): number => {
    const total = config.keep_totals[share];
    if (total === undefined) throw new CaseError(`keep_totals has no ${share}`);
    return total;
  };
  const omega = matrix(inputOf(golden, "omega"));
  const phases = Float64Array.from(inputOf(golden, "b").values);
  const kernel = fourierFeatures(unit, { omega, phases });
  compare.output("rff_features", tensor(kernel));
  const kernelQuota = balancedQuota(sizes, totalOf(String(config.kernel_keep)));

  for (const output of golden.outputs) {
    const name = output.replace(/^out\./, "");
    const [, kind, variant, rest = ""] = /^(Cp|Cb|Ck)_(\w+?)_(.+)$/.exec(name) ?? [];
    if (kind === "Cp") {
      const quota = proportionalQuota(sizes, 1 - Number(rest));
      compare.set(name, selectPerCluster(labels, distances, quota, variant === "furthest"));
    } else if (kind === "Cb" && variant === "quota") {
      compare.output(name, list(balancedQuota(sizes, totalOf(rest))));
    } else if (kind === "Cb") {
      const quota = balancedQuota(sizes, totalOf(rest));
      compare.set(name, selectPerCluster(labels, distances, quota, variant === "furthest"));
    } else if (kind === "Ck") {
      const anchors = variant === "all" ? undefined : Number(variant);
      compare.set(name, selectByKernel(labels, distances, kernel, kernelQuota, anchors));
    }
  }
  compare.output("herding_linear", list(herding(unit, config.m)));
  compare.output("herding_rff", list(herding(kernel, config.m)));
  compare.output("kcenter", list(kCenter(unit, config.m, config.kcenter_start)));
};

function matrix({ shape, values }: HostTensor): Matrix {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2) throw new CaseError(`a tensor of shape [${shape}] should have rank 2`);
  return matrixOf(values, rows, columns);
}

const tensor = ({ rows, columns, values }: Matrix): HostTensor => ({
  shape: [rows, columns],
  values: Float32Array.from(values),
});

const list = (values: ArrayLike<number>): HostTensor => ({
  shape: [values.length],
  values: Float32Array.from(values),
});
