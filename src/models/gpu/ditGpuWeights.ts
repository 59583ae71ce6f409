import type { GpuArena } from "#gpu/arena.ts";
import type { FinalWeights } from "#gpu/finalLayer.ts";
import { type GpuLayer, placeLayer } from "#gpu/layer.ts";
import type { PatchWeights } from "#gpu/patchEmbedding.ts";
import { positionTable } from "#kernels/positionTable.ts";
import { type DiTConfig, ditSizes } from "../ditConfig.ts";
import { checkPositionTable, POS_EMBED } from "../positionCheck.ts";
import { patchMatrix, storedLayer, storedWeight } from "../storedLayer.ts";
import type { WeightMap } from "../weights.ts";

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

/** Puts the weights, whose names and shapes have been checked, into the arena. Throws PositionTableDiffers. */
export function placeDiT(arena: GpuArena, config: DiTConfig, weights: WeightMap): DiTGpuWeights {
  const { grid, tokens } = ditSizes(config);
  const { hidden_size: D, depth } = config;
  const fixed = positionTable(D, grid);
  const stored = weights.get(POS_EMBED);
  if (stored !== undefined) checkPositionTable(stored, fixed, [1, tokens, D]);
  const place = (name: string): GpuLayer => {
    const { matrix, bias } = storedLayer(weights, name);
    return placeLayer(arena, matrix.values, bias, matrix.shape[1]);
  };
  const names = Array.from({ length: depth }, (_, index) => `blocks.${index}`);
  const embedder = storedLayer(weights, "x_embedder.proj");
  const final = storedLayer(weights, "final_layer.linear");
  return {
    patches: {
      weight: arena.place(transposed(patchMatrix(embedder.matrix).values, D)),
      bias: arena.place(embedder.bias),
      positions: arena.place(stored?.values ?? fixed),
    },
    time: [place("t_embedder.mlp.0"), place("t_embedder.mlp.2")],
    labels: arena.place(storedWeight(weights, "y_embedder.embedding_table.weight").values),
    modulation: [...names, "final_layer"].map((name, index) => ({
      layer: place(`${name}.adaLN_modulation.1`),
      start: 6 * D * index,
    })),
    blocks: names.map((name) => ({
      qkv: place(`${name}.attn.qkv`),
      proj: place(`${name}.attn.proj`),
      fc1: place(`${name}.mlp.fc1`),
      fc2: place(`${name}.mlp.fc2`),
    })),
    final: { weight: arena.place(final.matrix.values), bias: arena.place(final.bias) },
  };
}

/** [rows,columns] as [columns,rows]. */
function transposed(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows;
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]);
}
