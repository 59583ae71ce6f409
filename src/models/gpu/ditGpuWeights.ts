import type { GpuArena } from "#gpu/arena.ts";
import type { FinalWeights } from "#gpu/finalLayer.ts";
import { type GpuLayer, placeLayer } from "#gpu/layer.ts";
import type { PatchWeights } from "#gpu/patchEmbedding.ts";
import { positionTable } from "#kernels/positionTable.ts";
import { ArrivingLayers } from "../arrivingLayers.ts";
import { type DiTConfig, ditSizes } from "../ditConfig.ts";
import { blockNames, layersOfBlock, modulationOf, TIME_LAYERS } from "../ditLayers.ts";
import { checkPositionTable, POS_EMBED } from "../positionCheck.ts";
import { patchMatrix, storedLayer, storedWeight } from "../storedLayer.ts";
import type { WeightArray } from "../weights.ts";

/** A DiT's weights on a device. */
export interface DiTGpuWeights {
  readonly patches: PatchWeights;
  readonly time: readonly [GpuLayer, GpuLayer];
  /** Rows of the label table. */
  readonly labels: GPUBuffer;
  /** adaLN of every block and of the final layer, each with the place of its outputs among (6·depth + 2)·D. */
  readonly modulation: readonly { readonly layer: GpuLayer; readonly start: number }[];
  readonly blocks: readonly {
    readonly qkv: GpuLayer;
    readonly proj: GpuLayer;
    readonly fc1: GpuLayer;
    readonly fc2: GpuLayer;
  }[];
  readonly final: FinalWeights;
}

/** A DiT's weights on their way to a device: each layer is handed over when it is whole. */
export class ArrivingDiTGpuWeights {
  private readonly layers: ArrivingLayers<GpuLayer>;

  /** They are placed in the arena, which stays the caller's; as float32 all of them unless `packs`. */
  constructor(
    private readonly arena: GpuArena,
    private readonly config: DiTConfig,
    packs: boolean,
  ) {
    const blocks = blockNames(config).flatMap(layersOfBlock);
    const modulations = [...blockNames(config), "final_layer"].map(modulationOf);
    this.layers = new ArrivingLayers(
      new Set([...TIME_LAYERS, ...blocks, ...modulations]),
      (_, matrix, bias) => placeLayer(arena, matrix.values, bias, matrix.shape[1], packs),
    );
  }

  /** Takes a weight whose name and shape are those of the config. */
  offer(name: string, weight: WeightArray): void {
    this.layers.offer(name, weight);
  }

  /** All of them. Throws MissingWeight, PositionTableDiffers. */
  finish(): DiTGpuWeights {
    const { arena, config, layers } = this;
    const { others } = layers;
    const { grid, tokens } = ditSizes(config);
    const D = config.hidden_size;
    const fixed = positionTable(D, grid);
    const stored = others.get(POS_EMBED);
    if (stored !== undefined) checkPositionTable(stored, fixed, [1, tokens, D]);
    const [first, second] = TIME_LAYERS;
    const embedder = storedLayer(others, "x_embedder.proj");
    const final = storedLayer(others, "final_layer.linear");
    return {
      patches: {
        weight: arena.place(transposed(patchMatrix(embedder.matrix).values, D)),
        bias: arena.place(embedder.bias),
        positions: arena.place(stored?.values ?? fixed),
      },
      time: [layers.layer(first), layers.layer(second)],
      labels: arena.place(storedWeight(others, "y_embedder.embedding_table.weight").values),
      modulation: [...blockNames(config), "final_layer"].map((block, index) => ({
        layer: layers.layer(modulationOf(block)),
        start: 6 * D * index,
      })),
      blocks: blockNames(config).map((block) => {
        const [qkv, proj, fc1, fc2] = layersOfBlock(block).map((name) => layers.layer(name));
        return { qkv, proj, fc1, fc2 };
      }),
      final: { weight: arena.place(final.matrix.values), bias: arena.place(final.bias) },
    };
  }
}

/** [rows,columns] as [columns,rows]. */
function transposed(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows;
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]);
}
