import { toHalfBits } from "#checkpoints/floats.ts";
import { writeSafetensors } from "#checkpoints/safetensors.ts";
import type { RawTensor, TensorMap } from "#checkpoints/tensor.ts";
import { POS_EMBED } from "#models/positionCheck.ts";
import type { WeightArray, WeightMap } from "#models/weights.ts";
import type { LocalModel, LocalNetwork } from "./localModel.ts";
import type { Shapes } from "./networkShapes.ts";

/** What, together with the weights, decides every picture of a model. */
export type Identity = LocalNetwork & Pick<LocalModel, "family" | "autoencoder" | "classes">;

/** Key of the metadata under which a file says what model it is; read by `declared.ts`. */
export const METADATA_KEY = "steadyflow";

/** A model's weights as they are kept: the tensors in their given order, and in the metadata the model's identity and
 *  nothing else, so that equal files mean equal pictures and the file's sha256 can stand for the model. */
export const keptWeights = (identity: Identity, tensors: TensorMap): Uint8Array<ArrayBuffer> =>
  withMetadata(tensors, identityJson(identity));

/** A safetensors file with what is said of it as JSON under METADATA_KEY. `format` is what PyTorch's loaders ask for. */
export function withMetadata(tensors: TensorMap, said: object): Uint8Array<ArrayBuffer> {
  const metadata = new Map([
    ["format", "pt"],
    [METADATA_KEY, JSON.stringify(said)],
  ]);
  return writeSafetensors(tensors, metadata);
}

/** The identity with its keys in one order. */
export const identityJson = ({ family, autoencoder, classes, architecture, config }: Identity) => ({
  format: 1,
  family,
  autoencoder,
  classes,
  architecture,
  config: Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))),
});

/** f32 weights as tensors of a file; little-endian as the format asks. The bytes may be the weights' own. */
export function tensorsOf(weights: WeightMap, precision: "F32" | "F16" = "F32"): TensorMap {
  return new Map([...weights].map(([name, weight]) => [name, tensorOf(weight, precision)]));
}

function tensorOf({ shape, values }: WeightArray, precision: "F32" | "F16"): RawTensor {
  const view = precision === "F16" ? toHalfBits(values) : values;
  return { dtype: precision, shape, bytes: new Uint8Array(view.buffer, view.byteOffset, view.byteLength) };
}

/** Numbers of a network that training can change: all but a fixed position table. */
export const parameterCount = (tensors: Shapes): number =>
  [...tensors]
    .filter(([name]) => name !== POS_EMBED)
    .reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0);
