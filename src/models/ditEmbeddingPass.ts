import { add, dispose, type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { linear } from "#kernels/linear.ts";
import { linearInputGradient } from "#kernels/linearGradients.ts";
import { silu } from "#kernels/silu.ts";
import { siluGradient } from "#kernels/siluGradient.ts";
import { ditTimeFeatures } from "#kernels/timeFeatures.ts";
import { TIME_FEATURES } from "./ditConfig.ts";
import { embedClasses } from "./ditNetwork.ts";
import type { LayerVisitor } from "./layerGradient.ts";
import { linearAt, matrixAt, type WeightTensors } from "./tensors.ts";

/** What the embedding of times and labels went through; [B,256] and [B,D]. */
export type EmbeddingActivations = {
  readonly features: Tensor2D;
  readonly hidden: Tensor2D;
  readonly timeActive: Tensor2D;
  /** c = t_emb + y_emb */
  readonly c: Tensor2D;
  /** silu(c), the input of every adaLN layer. */
  readonly active: Tensor2D;
};

const TABLE = "y_embedder.embedding_table.weight";
const [FIRST, SECOND] = ["t_embedder.mlp.0", "t_embedder.mlp.2"];

/** The conditioning of `ditForward` with its activations, one time and one label a sample. The caller disposes them. */
export function embeddingForward(
  weights: WeightTensors,
  times: readonly number[],
  labels: readonly number[],
): EmbeddingActivations {
  return tidy(() => {
    const features = tensor2d(ditTimeFeatures(times, TIME_FEATURES), [times.length, TIME_FEATURES]);
    const hidden = linear(features, ...linearAt(weights, FIRST));
    const timeActive = silu(hidden);
    const c: Tensor2D = add(linear(timeActive, ...linearAt(weights, SECOND)), embedClasses(weights, labels));
    return { features, hidden, timeActive, c, active: silu(c) };
  });
}

/** Back from the gradient at `active` [B,D] to the label table and both layers of the time embedding. */
export function embeddingBackward(
  weights: WeightTensors,
  saved: EmbeddingActivations,
  labels: readonly number[],
  dActive: Tensor2D,
  visit: LayerVisitor,
): void {
  const dC = siluGradient(saved.c, dActive);
  visit({ kind: "table", name: TABLE, labels, delta: dC });
  visit({ kind: "linear", name: SECOND, x: saved.timeActive, delta: dC });
  const dHidden = tidy(() =>
    siluGradient(saved.hidden, linearInputGradient(dC, matrixAt(weights, `${SECOND}.weight`))),
  );
  visit({ kind: "linear", name: FIRST, x: saved.features, delta: dHidden });
  dispose([dC, dHidden]);
}
