import { positionTable } from "#kernels/positionTable.ts";
import type { SimdMachine } from "#simd/machine.ts";
import { LANES, writeTiles } from "#simd/tiles.ts";
import { type DiTConfig, ditSizes } from "../ditConfig.ts";
import { checkPositionTable, POS_EMBED } from "../positionCheck.ts";
import { patchMatrix, storedLayer, storedWeight } from "../storedLayer.ts";
import type { WeightArray, WeightMap } from "../weights.ts";
import { placeLayer, type SimdLayer, stackLayers } from "./simdLayer.ts";

/** A DiT's weights in a machine's memory. */
export interface DiTSimdWeights {
  readonly patches: SimdLayer;
  /** Tiles of one sample [⌈N/4⌉][D][4]. */
  readonly positions: number;
  readonly time: readonly [SimdLayer, SimdLayer];
  /** Rows of the label table, on the host. */
  readonly labels: WeightArray;
  /** adaLN of every block and of the final layer in one: outputs (6·depth + 2)·D. */
  readonly modulation: SimdLayer;
  readonly blocks: readonly {
    readonly qkv: SimdLayer;
    readonly proj: SimdLayer;
    readonly fc1: SimdLayer;
    readonly fc2: SimdLayer;
  }[];
  readonly final: SimdLayer;
}

/** Packs the weights, whose names and shapes have been checked, into the machine's memory, to stay there. Throws
 *  PositionTableDiffers, SimdMemoryError. */
export function placeDiT(machine: SimdMachine, config: DiTConfig, weights: WeightMap): DiTSimdWeights {
  const { grid, tokens } = ditSizes(config);
  const { hidden_size: D, depth } = config;
  const place = (name: string): SimdLayer => {
    const { matrix, bias } = storedLayer(weights, name);
    return placeLayer(machine, matrix, bias);
  };
  const fixed = positionTable(D, grid);
  const stored = weights.get(POS_EMBED);
  if (stored !== undefined) checkPositionTable(stored, fixed, [1, tokens, D]);
  const positions = machine.reserve(Math.ceil(tokens / LANES) * LANES * D);
  writeTiles(stored?.values ?? fixed, D, machine.at(positions, Math.ceil(tokens / LANES) * LANES * D));
  const embedder = storedLayer(weights, "x_embedder.proj");
  const names = Array.from({ length: depth }, (_, index) => `blocks.${index}`);
  const modulation = stackLayers(
    [...names, "final_layer"].map((layer) => storedLayer(weights, `${layer}.adaLN_modulation.1`)),
  );
  return {
    patches: placeLayer(machine, patchMatrix(embedder.matrix), embedder.bias),
    positions,
    time: [place("t_embedder.mlp.0"), place("t_embedder.mlp.2")],
    labels: storedWeight(weights, "y_embedder.embedding_table.weight"),
    modulation: placeLayer(machine, modulation.matrix, modulation.bias),
    blocks: names.map((name) => ({
      qkv: place(`${name}.attn.qkv`),
      proj: place(`${name}.attn.proj`),
      fc1: place(`${name}.mlp.fc1`),
      fc2: place(`${name}.mlp.fc2`),
    })),
    final: place("final_layer.linear"),
  };
}
