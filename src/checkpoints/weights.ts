import { fail, ok, type Result } from "#bytes/result.ts";
import type { WeightArray, WeightMap, WeightSpec } from "#models/weights.ts";
import { toFloat32 } from "./floats.ts";
import type { RawTensor, TensorMap } from "./tensor.ts";

/** Everything that keeps a checkpoint from being the weights of a config, in one error. */
export interface WeightsError {
  readonly kind: "WeightsMismatch";
  readonly missing: readonly string[];
  /** Tensors that the config does not have. On their own they are no error, see `CheckedWeights`. */
  readonly unexpected: readonly string[];
  readonly misshapen: readonly {
    readonly name: string;
    readonly expected: readonly number[];
    readonly actual: readonly number[];
  }[];
  /** Weights that hold NaN or an infinity, with how many. */
  readonly nonFinite: readonly { readonly name: string; readonly count: number }[];
}

export interface CheckedWeights {
  readonly weights: WeightMap;
  /** Tensors that were left out because the config does not have them; to be shown, never dropped without a word. */
  readonly unexpected: readonly string[];
}

/** Widens the tensors that `spec` asks for to f32, or lists all that is missing, unexpected, misshapen or not finite.
 *  Whether a fixed table such as pos_embed has the right values is for the model to say. */
export function checkWeights(tensors: TensorMap, spec: WeightSpec): Result<CheckedWeights, WeightsError> {
  const weights = new Map<string, WeightArray>();
  const error = mismatchOf(tensors, spec, (name, weight) => weights.set(name, weight));
  if (hasProblem(error)) return fail(error);
  return ok({ weights, unexpected: error.unexpected });
}

/** What `checkWeights` lists, without keeping a widened weight: one tensor's f32 at a time. */
export function checkTensors(
  tensors: TensorMap,
  spec: WeightSpec,
): Result<Pick<CheckedWeights, "unexpected">, WeightsError> {
  const error = mismatchOf(tensors, spec, () => {});
  return hasProblem(error) ? fail(error) : ok({ unexpected: error.unexpected });
}

/** A tensor as the weight of that shape; null for another shape and where values are not finite, which the check of the whole
 *  checkpoint names. */
export function weightOf(tensor: RawTensor, shape: readonly number[]): WeightArray | null {
  if (!sameShape(shape, tensor.shape)) return null;
  const values = toFloat32(tensor);
  return countNonFinite(values) === 0 ? { shape, values } : null;
}

const hasProblem = ({ missing, misshapen, nonFinite }: WeightsError): boolean =>
  missing.length + misshapen.length + nonFinite.length > 0;

function mismatchOf(
  tensors: TensorMap,
  spec: WeightSpec,
  onWeight: (name: string, weight: WeightArray) => void,
): WeightsError {
  const missing: string[] = [];
  const misshapen: WeightsError["misshapen"][number][] = [];
  const nonFinite: WeightsError["nonFinite"][number][] = [];
  for (const [name, expected] of spec) {
    const tensor = tensors.get(name);
    if (!tensor) missing.push(name);
    else if (!sameShape(expected, tensor.shape)) misshapen.push({ name, expected, actual: tensor.shape });
    else {
      const values = toFloat32(tensor);
      const count = countNonFinite(values);
      if (count > 0) nonFinite.push({ name, count });
      else onWeight(name, { shape: expected, values });
    }
  }
  const unexpected = [...tensors.keys()].filter((name) => !spec.has(name));
  return { kind: "WeightsMismatch", missing, unexpected, misshapen, nonFinite };
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

function countNonFinite(values: Float32Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) count++;
  return count;
}

/** Plain sentences, one a problem; at most `limit` names each, then how many more there are. */
export function describeWeightsError(error: WeightsError, limit = 8): string {
  const list = (names: readonly string[]) =>
    names.slice(0, limit).join(", ") + (names.length > limit ? ` and ${names.length - limit} more` : "");
  const shape = (sizes: readonly number[]) => `[${sizes.join(", ")}]`;
  const sentences = ["The weights do not fit the model's config."];
  if (error.missing.length > 0) sentences.push(`Missing (${error.missing.length}): ${list(error.missing)}.`);
  if (error.misshapen.length > 0)
    sentences.push(
      `Wrong shape (${error.misshapen.length}): ${list(error.misshapen.map((m) => `${m.name} is ${shape(m.actual)}, expected ${shape(m.expected)}`))}.`,
    );
  if (error.nonFinite.length > 0)
    sentences.push(
      `Not finite (${error.nonFinite.length}): ${list(error.nonFinite.map((n) => `${n.name} (${n.count} values)`))}.`,
    );
  if (error.unexpected.length > 0)
    sentences.push(`Not part of the model (${error.unexpected.length}): ${list(error.unexpected)}.`);
  return sentences.join(" ");
}
