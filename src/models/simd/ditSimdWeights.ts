import { positionTable } from "#kernels/positionTable.ts";
import type { SimdMachine } from "#simd/machine.ts";
import { wholeLanes, writeTiles } from "#simd/tiles.ts";
import { ArrivingLayers } from "../arrivingLayers.ts";
import { type DiTConfig, ditSizes } from "../ditConfig.ts";
import { blockNames, layersOfBlock, modulationOf, TIME_LAYERS } from "../ditLayers.ts";
import { checkPositionTable, POS_EMBED } from "../positionCheck.ts";
import { patchMatrix, storedLayer, storedWeight } from "../storedLayer.ts";
import type { WeightArray } from "../weights.ts";
import { fillLayer, placeLayer, reserveLayer, type SimdLayer } from "./simdLayer.ts";

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

/** A DiT's weights on their way into a machine's memory: each layer is packed, to stay there, when it is whole. */
export class ArrivingDiTWeights {
  private readonly layers: ArrivingLayers<SimdLayer>;
  private readonly modulation: SimdLayer;

  /** Throws SimdMemoryError. */
  constructor(
    private readonly machine: SimdMachine,
    private readonly config: DiTConfig,
  ) {
    const { hidden_size: D, depth } = config;
    this.modulation = reserveLayer(machine, D, (6 * depth + 2) * D);
    const linear = new Set([...TIME_LAYERS, FINAL_LAYER, ...blockNames(config).flatMap(layersOfBlock)]);
    const modulations = new Map(
      [...blockNames(config), "final_layer"].map((block, i) => [modulationOf(block), i]),
    );
    this.layers = new ArrivingLayers(new Set([...linear, ...modulations.keys()]), (name, matrix, bias) => {
      const block = modulations.get(name);
      if (block === undefined) return placeLayer(machine, matrix, bias);
      fillLayer(machine, this.modulation, matrix, bias, 6 * D * block);
      return this.modulation;
    });
  }

  /** Takes a weight whose name and shape are those of the config. Throws SimdMemoryError. */
  offer(name: string, weight: WeightArray): void {
    this.layers.offer(name, weight);
  }

  /** All of them. Throws MissingWeight, PositionTableDiffers, SimdMemoryError. */
  finish(): DiTSimdWeights {
    const { machine, config, layers } = this;
    const { others } = layers;
    const embedder = storedLayer(others, "x_embedder.proj");
    for (const block of [...blockNames(config), "final_layer"]) layers.layer(modulationOf(block));
    const [first, second] = TIME_LAYERS;
    return {
      patches: placeLayer(machine, patchMatrix(embedder.matrix), embedder.bias),
      positions: placePositions(machine, config, others.get(POS_EMBED)),
      time: [layers.layer(first), layers.layer(second)],
      labels: storedWeight(others, "y_embedder.embedding_table.weight"),
      modulation: this.modulation,
      blocks: blockNames(config).map((block) => {
        const [qkv, proj, fc1, fc2] = layersOfBlock(block).map((name) => layers.layer(name));
        return { qkv, proj, fc1, fc2 };
      }),
      final: layers.layer(FINAL_LAYER),
    };
  }
}

const FINAL_LAYER = "final_layer.linear";

/** The table that is stored, or the fixed one, in tiles. */
function placePositions(machine: SimdMachine, config: DiTConfig, stored: WeightArray | undefined): number {
  const { grid, tokens } = ditSizes(config);
  const D = config.hidden_size;
  const fixed = positionTable(D, grid);
  if (stored !== undefined) checkPositionTable(stored, fixed, [1, tokens, D]);
  const size = wholeLanes(tokens) * D;
  const positions = machine.reserve(size);
  writeTiles(stored?.values ?? fixed, D, machine.at(positions, size));
  return positions;
}
