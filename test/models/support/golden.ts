import { readFileSync } from "node:fs";
import { type Tensor, type Tensor4D, tensor, tensor4d, transpose } from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { toFloat32 } from "#checkpoints/floats.ts";
import { parseSafetensors } from "#checkpoints/safetensors.ts";
import type { WeightArray, WeightMap } from "#models/weights.ts";

const FOLDER = new URL("../../fixtures/golden/", import.meta.url);

import { expectValuesClose, type Tolerance } from "./valuesClose.ts";

export { expectValuesClose, type Tolerance };

/** One golden case: its config and its tensors as written, row-major. */
export interface Golden<Config> {
  readonly config: Config;
  /** Limits for plain float32 arithmetic: both backends of Node have to keep them. */
  readonly tight: Tolerance;
  at(name: string): WeightArray;
  /** Weights under their checkpoint names: `weights.` and `prefix` are taken off. */
  weights(prefix?: string): WeightMap;
  names(start: string): string[];
}

/** Reads a golden case. `Config` is what the caller knows the case to hold. */
export function readGolden<Config>(name: string): Golden<Config> {
  const json = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
  const parsed = parseSafetensors(new Uint8Array(readFileSync(new URL(`${name}.safetensors`, FOLDER))));
  if (!parsed.ok) throw new Error(`${name}: ${parsed.error.kind}`);
  const { tensors } = parsed.value;
  const at = (key: string): WeightArray => {
    const raw = tensors.get(key);
    if (raw === undefined) throw new Error(`${name} has no ${key}`);
    return { shape: raw.shape, values: toFloat32(raw) };
  };
  const names = (start: string) => [...tensors.keys()].filter((key) => key.startsWith(start));
  return {
    config: json.config,
    tight: { atol: json.atol_tight, rtol: json.rtol_tight },
    at,
    names,
    weights: (prefix = "") =>
      new Map(names(`weights.${prefix}`).map((key) => [key.slice(`weights.${prefix}`.length), at(key)])),
  };
}

/** A golden (B,C,H,W) tensor as the engine's [B,H,W,C]. */
export function toNHWC({ shape: [b = 1, c = 1, h = 1, w = 1], values }: WeightArray): Tensor4D {
  const stored = tensor4d(values, [b, c, h, w]);
  const turned = transpose(stored, [0, 2, 3, 1]);
  stored.dispose();
  return turned;
}

/** Expects a tensor to hold a golden array. Rank 4 is compared as [B,H,W,C] against (B,C,H,W). The message names
 *  `label`, so the first layer that differs is the first that fails. */
export function expectClose(label: string, got: Tensor, want: WeightArray, { atol, rtol }: Tolerance): void {
  const turned = want.shape.length === 4 ? transpose(got, [0, 3, 1, 2]) : got;
  const size = want.values.length;
  expect(turned.size, `${label}: ${turned.shape} against ${want.shape}`).toBe(size);
  expectValuesClose(label, turned.dataSync<"float32">(), want.values, { atol, rtol });
}

/** A golden array as a tensor of its own shape. */
export const toTensor = ({ shape, values }: WeightArray): Tensor => tensor(values, [...shape]);
