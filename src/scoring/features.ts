import { keep, mean, type Tensor2D, type Tensor3D, tensor4d, tidy, tile } from "@tensorflow/tfjs-core";
import { type LatentSet, latentsAt } from "#flow/latentSet.ts";
import { pointOnPath } from "#flow/path.ts";
import { ditForward } from "#models/dit.ts";
import type { Matrix } from "./matrix.ts";
import type { ProxyNetwork } from "./proxyNetwork.ts";
import type { ScoreProgress } from "./scoreSamples.ts";

/** Time at which a network looks at half-noised latents for their features (method §6). */
export const FEATURE_TIME = 0.6;

/** Features of samples [N,D]: the output of block ⌊depth/2⌋ (counted from 0) on xt at t = 0.6 with one fixed noise
 *  [H,W,C], mean over tokens. Yields after each batch and returns rows of any length (`unitRows` follows). No tensor is
 *  left at a yield. Labels are checked by the caller. */
export async function* blockFeatures(
  network: ProxyNetwork,
  data: LatentSet,
  noise: Float32Array,
  batch = 16,
): AsyncGenerator<ScoreProgress, Matrix> {
  const samples = data.labels.length;
  const columns = network.config.hidden_size;
  const values = new Float64Array(samples * columns);
  for (let start = 0; start < samples; start += batch) {
    const indices = Array.from({ length: Math.min(batch, samples - start) }, (_, place) => start + place);
    const pooled = pooledTokens(network, data, noise, indices);
    values.set(await pooled.data(), start * columns);
    pooled.dispose();
    yield { done: start + indices.length, of: samples };
  }
  return { rows: samples, columns, values };
}

/** [n,D]; the caller disposes it. */
function pooledTokens(
  { config, tensors }: ProxyNetwork,
  data: LatentSet,
  noise: Float32Array,
  indices: readonly number[],
): Tensor2D {
  const { channels, height, width } = data.shape;
  const tapped = `tokens_after_block_${Math.floor(config.depth / 2)}`;
  const pooled: Tensor2D[] = [];
  tidy(() => {
    const x0 = tile(tensor4d(noise, [1, height, width, channels]), [indices.length, 1, 1, 1]);
    const xt = pointOnPath(x0, latentsAt(data, indices), FEATURE_TIME);
    const times = indices.map(() => FEATURE_TIME);
    const labels = indices.map((i) => data.labels[i]);
    ditForward(config, tensors, xt, times, labels, (name, tokens) => {
      if (name === tapped) pooled.push(keep(tidy(() => mean(tokens as Tensor3D, 1))));
    });
  });
  return pooled[0];
}
