import { normals } from "#flow/noise.ts";
import { STREAMS, uniforms } from "#flow/uniforms.ts";
import type { DiTConfig } from "#models/ditConfig.ts";
import type { WeightArray, WeightMap } from "#models/weights.ts";
import { trainedSpec } from "./fullTraining.ts";

/** Weights to train from scratch, as the official DiT begins: linear layers Xavier-uniform (the patch filter as a linear
 *  layer), the label table and the time embedding N(0, 0.02²), biases 0; adaLN's layers and the last one 0, so that every
 *  block is the identity and the velocity 0. Drawn weight by weight from stream 8 of the seed: uniforms from number 0 on,
 *  normals from 2⁴⁰ on. Throws ModelError for an impossible config. Source: Peebles and Xie 2023, arXiv 2212.09748, §3.2. */
export function initialDiTWeights(config: DiTConfig, seed: number): WeightMap {
  const weights = new Map<string, WeightArray>();
  let [uniformAt, normalAt] = [0, 2 ** 40];
  for (const [name, shape] of trainedSpec(config)) {
    const size = shape.reduce((product, length) => product * length, 1);
    let values = new Float32Array(size);
    if (/^y_embedder\.|^t_embedder\..*weight$/.test(name)) {
      values = normals(seed, STREAMS.initialWeights, size, normalAt).map((value) => 0.02 * value);
      normalAt += size;
    } else if (name.endsWith(".weight") && !/adaLN_modulation|^final_layer\./.test(name)) {
      const [outputs, inputs] = [shape[0], size / shape[0]];
      const limit = Math.sqrt(6 / (inputs + outputs));
      values = Float32Array.from(
        uniforms(seed, STREAMS.initialWeights, size, uniformAt),
        (u) => limit * (2 * u - 1),
      );
      uniformAt += size;
    }
    weights.set(name, { shape, values });
  }
  return weights;
}
