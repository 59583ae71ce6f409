import { describe, expect, test } from "vitest";
import { normals } from "#flow/noise.ts";
import { CRITERION_NAMES, type CriterionName, select } from "#scoring/criteria.ts";
import { type Evidence, evidenceOf } from "#scoring/evidence.ts";
import { keptCount, proportionalQuota } from "#scoring/keptCount.ts";
import { matrixOf } from "#scoring/matrix.ts";
import { oversample } from "#scoring/randomSelections.ts";
import { ScoringError } from "#scoring/scoringError.ts";

const N = 60;
const squares = (seed: number) => Float64Array.from(normals(seed, 0, N), (value) => value ** 2);
const features = matrixOf(normals(5, 0, N * 6), N, 6);
const measured = { loss: squares(6), gradient: squares(7), dominance: squares(8), features };
const evidence: Evidence = evidenceOf({ samples: N, seed: 11, ...measured });

/** What `pretrain/scoring/select.py` keeps of these samples at ratio 0.75 with seed 3. */
const TWIN: Readonly<Record<CriterionName, readonly number[]>> = {
  random: [0, 5, 7, 14, 20, 21, 22, 25, 26, 27, 29, 32, 33, 38, 59],
  G: [2, 6, 8, 15, 16, 26, 28, 32, 35, 38, 39, 48, 52, 54, 57],
  "G-inverse": [0, 9, 12, 17, 19, 22, 25, 30, 31, 37, 41, 47, 49, 58, 59],
  L: [0, 3, 5, 7, 8, 25, 26, 32, 35, 46, 49, 54, 55, 56, 57],
  "L-inverse": [1, 9, 11, 14, 16, 28, 31, 34, 37, 38, 39, 45, 48, 51, 59],
  Cp: [6, 7, 9, 10, 14, 15, 19, 26, 39, 43, 46, 49, 51, 52],
  "Cp-furthest": [0, 1, 8, 22, 24, 28, 32, 36, 38, 45, 50, 54, 58, 59],
  Cb: [6, 7, 9, 10, 11, 14, 15, 19, 26, 39, 43, 46, 49, 51, 52],
  "Cb-furthest": [0, 1, 8, 22, 24, 28, 32, 36, 38, 45, 50, 54, 56, 58, 59],
  "Cb-kernel": [1, 3, 6, 8, 9, 14, 15, 28, 45, 46, 48, 50, 51, 56, 59],
  BxL: [1, 9, 11, 14, 16, 28, 30, 31, 34, 38, 39, 45, 48, 51, 59],
  dominance: [2, 6, 7, 9, 10, 14, 15, 21, 26, 39, 45, 47, 54, 57, 58],
  "k-center": [4, 11, 22, 26, 30, 36, 41, 42, 43, 49, 50, 53, 55, 57, 59],
  herding: [0, 10, 16, 18, 22, 23, 27, 30, 32, 35, 45, 50, 55, 56, 58],
  "drop-cluster": [12, 15, 18, 27, 34, 35, 37, 39, 41, 43, 44, 46, 49, 53, 57],
};

describe("criteria", () => {
  test.each(CRITERION_NAMES)("%s keeps what the training side's twin keeps", (name) => {
    expect([...select(name, 0.75, evidence, 3)]).toEqual(TWIN[name]);
  });

  test("the clusters are those of the twin", () => {
    const { sizes, rounds, inertia } = evidence.clusters();
    expect([...sizes]).toEqual([20, 17, 23]);
    expect(rounds).toBe(5);
    expect(inertia).toBeCloseTo(29.41458152021229, 10);
  });

  test.each(CRITERION_NAMES)("%s keeps exactly the budget, every sample once; Cp its quotas", (name) => {
    for (const ratio of [0, 0.1, 0.5, 0.9, 0.95, 1]) {
      const kept = [...select(name, ratio, evidence)];
      const quota = proportionalQuota(evidence.clusters().sizes, ratio).reduce((sum, n) => sum + n, 0);
      expect(kept).toHaveLength(name.startsWith("Cp") ? quota : keptCount(N, ratio));
      expect(new Set(kept).size).toBe(kept.length);
      expect(kept).toEqual(kept.toSorted((a, b) => a - b));
      expect(kept.every((index) => index >= 0 && index < N)).toBe(true);
    }
  });

  test("what was not measured is asked for by name", () => {
    const bare = evidenceOf({ samples: N, seed: 11 });
    expect(select("random", 0.5, bare)).toHaveLength(30);
    expect(() => select("G", 0.5, bare)).toThrow(/the score by gradient, which was not computed/);
    expect(() => select("Cb", 0.5, bare)).toThrow(/features, which was not computed/);
  });

  test("evidence of another number of samples is refused", () => {
    expect(() => evidenceOf({ samples: 59, seed: 11, features })).toThrow(ScoringError);
    expect(() => evidenceOf({ samples: 61, seed: 11, loss: measured.loss })).toThrow(/60 scores by loss/);
  });

  test("a set of one sample keeps it by every criterion that has a width to go by", () => {
    const one = evidenceOf({
      samples: 1,
      seed: 0,
      loss: Float64Array.of(1),
      features: matrixOf([3, 4], 1, 2),
    });
    for (const name of ["random", "L", "L-inverse", "Cb", "BxL", "k-center", "herding"] as const)
      expect([...select(name, 0.9, one)]).toEqual([0]);
    expect(() => select("Cb-kernel", 0.9, one)).toThrow(/no pair/);
  });
});

describe("oversampling", () => {
  test("repeats every kept sample equally often, up to one, as the twin does", () => {
    expect([...oversample(Uint32Array.of(4, 1, 9), 8, 3)]).toEqual([1, 1, 1, 4, 4, 4, 9, 9]);
    expect([...oversample(Uint32Array.of(4, 1), 2, 3)]).toEqual([1, 4]);
  });

  test("takes nothing away", () => {
    expect(() => oversample(Uint32Array.of(4, 1, 9), 2, 3)).toThrow(ScoringError);
    expect(() => oversample(new Uint32Array(), 2, 3)).toThrow(ScoringError);
  });
});
