import type { LatentSet } from "#flow/latentSet.ts";
import type { ProxyNetwork } from "#scoring/proxyNetwork.ts";
import { scoreSamples } from "#scoring/scoreSamples.ts";
import { emptyTables } from "#scoring/scoreTables.ts";
import { scoringNoises } from "#scoring/scoringNoises.ts";

/** Flow-matching loss of samples that are not trained on: the mean over them, the scoring times and the scoring's fixed
 *  noises of a seed, so that two measurements differ by the network alone. Labels are checked by the caller.
 *  `between` is awaited after each few samples, with no tensor left; what it throws ends the measurement. */
export async function heldOutLoss(
  network: ProxyNetwork,
  heldOut: LatentSet,
  seed: number,
  between?: () => void | Promise<void>,
): Promise<number> {
  const tables = emptyTables(heldOut.labels.length);
  const options = { noises: scoringNoises(seed, heldOut.shape), gradients: false };
  for await (const _ of scoreSamples(network, heldOut, tables, options)) await between?.();
  return tables.loss.reduce((sum, loss) => sum + loss, 0) / tables.loss.length;
}
