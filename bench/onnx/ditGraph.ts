import { positionTable } from "#kernels/positionTable.ts";
import { type DiTConfig, ditSizes } from "#models/ditConfig.ts";
import { POS_EMBED } from "#models/positionCheck.ts";
import type { WeightArray, WeightMap } from "#models/weights.ts";
import { OnnxGraph } from "./graph.ts";

/** The velocity of a DiT as an ONNX model for a batch of that size: inputs `patches` [B,N,p·p·C] and, for each block and the
 *  final layer, `modulations.k` [B,6,D] or [B,2,D], which depend on time and label alone and are computed once a trajectory by
 *  us as well; output [B,N,p·p·Cout]. The operators are those that an exporter would choose, LayerNormalization and Gelu
 *  among them, and none has more outputs than a WebGPU shader may bind buffers. */
export function ditOnnx(
  config: DiTConfig,
  weights: WeightMap,
  batch: number,
): { file: Uint8Array; output: string } {
  const { tokens, patchIn, patchOut, grid } = ditSizes(config);
  const { hidden_size: D, num_heads: heads, depth } = config;
  const d = D / heads;
  const graph = new OnnxGraph();
  const ones = graph.constant(new Float32Array(D).fill(1), [D]);
  const one = graph.constant(Float32Array.of(1), [1]);
  const scale = graph.constant(Float32Array.of(1 / Math.sqrt(d)), [1]);

  const linear = (x: string, name: string): string => {
    const { shape, values } = matrixOf(weights, name);
    const bias = weightOf(weights, `${name}.bias`);
    return graph.node("Add", [
      graph.node("MatMul", [x, graph.constant(values, shape)]),
      graph.constant(bias.values, bias.shape),
    ]);
  };
  const modulated = (x: string, shift: string, factor: string): string => {
    const normal = graph.node("LayerNormalization", [x, ones], { axis: -1, epsilon: 1e-6 });
    return graph.node("Add", [graph.node("Mul", [normal, graph.node("Add", [factor, one])]), shift]);
  };

  const patches = graph.input("patches", [batch, tokens, patchIn]);
  const parts = (index: number, count: number): string[] => {
    const rows = graph.input(modulationInput(index), [batch, count, D]);
    return graph.several("Split", [rows], count, { axis: 1, num_outputs: count }); // [B,1,D]
  };

  const table = weights.get(POS_EMBED)?.values ?? positionTable(D, grid);
  let x = graph.node("Add", [linear(patches, "x_embedder.proj"), graph.constant(table, [1, tokens, D])]);
  for (let index = 0; index < depth; index++) {
    const [shiftA, scaleA, gateA, shiftM, scaleM, gateM] = parts(index, 6);
    const qkv = linear(modulated(x, shiftA, scaleA), `blocks.${index}.attn.qkv`);
    const split = graph.node("Reshape", [qkv, graph.integers([batch, tokens, 3, heads, d])]);
    const byPart = graph.node("Transpose", [split], { perm: [2, 0, 3, 1, 4] });
    const [q, k, v] = graph
      .several("Split", [byPart], 3, { axis: 0, num_outputs: 3 })
      .map((each) => graph.node("Reshape", [each, graph.integers([batch, heads, tokens, d])]));
    const scores = graph.node("MatMul", [q, graph.node("Transpose", [k], { perm: [0, 1, 3, 2] })]);
    const shares = graph.node("Softmax", [graph.node("Mul", [scores, scale])], { axis: -1 });
    const byHead = graph.node("Transpose", [graph.node("MatMul", [shares, v])], { perm: [0, 2, 1, 3] });
    const mixed = graph.node("Reshape", [byHead, graph.integers([batch, tokens, D])]);
    const attended = linear(mixed, `blocks.${index}.attn.proj`);
    x = graph.node("Add", [x, graph.node("Mul", [gateA, attended])]);
    const hidden = linear(modulated(x, shiftM, scaleM), `blocks.${index}.mlp.fc1`);
    const active = graph.node("Gelu", [hidden], { approximate: "tanh" });
    x = graph.node("Add", [x, graph.node("Mul", [gateM, linear(active, `blocks.${index}.mlp.fc2`)])]);
  }
  const [shift, factor] = parts(depth, 2);
  const output = linear(modulated(x, shift, factor), "final_layer.linear");
  return { file: graph.model(output, [batch, tokens, patchOut]), output };
}

const modulationInput = (index: number): string => `modulations.${index}`;

/** The inputs `modulations.k` of the graph from the rows [B,(6·depth + 2)·D] of a trajectory: values and shape by name. */
export function modulationInputs(
  { depth, hidden_size: D }: DiTConfig,
  rows: Float32Array,
): ReadonlyMap<string, { readonly values: Float32Array<ArrayBuffer>; readonly shape: readonly number[] }> {
  const width = (6 * depth + 2) * D;
  const batch = rows.length / width;
  const parts = Array.from({ length: depth + 1 }, (_, index) => {
    const count = index < depth ? 6 : 2;
    const values = new Float32Array(batch * count * D);
    for (let sample = 0; sample < batch; sample++) {
      const start = sample * width + 6 * index * D;
      values.set(rows.subarray(start, start + count * D), sample * count * D);
    }
    return [modulationInput(index), { values, shape: [batch, count, D] }] as const;
  });
  return new Map(parts);
}

function weightOf(weights: WeightMap, name: string): WeightArray {
  const found = weights.get(name);
  if (found === undefined) throw new Error(`no weight ${name}`);
  return found;
}

/** The matrix of a layer as [in,out]; a patch filter [D,C,p,p] over columns ordered (dy, dx, channel). */
function matrixOf(weights: WeightMap, name: string): WeightArray {
  const { shape, values } = weightOf(weights, `${name}.weight`);
  const [outputs, channels = 1, p = 1] = shape;
  const inputs = values.length / outputs;
  const matrix = new Float32Array(values.length);
  for (let out = 0; out < outputs; out++) {
    for (let input = 0; input < inputs; input++) {
      const [tap, channel] = [Math.floor(input / channels), input % channels];
      const stored = shape.length === 4 ? channel * p * p + tap : input;
      matrix[input * outputs + out] = values[out * inputs + stored];
    }
  }
  return { shape: [inputs, outputs], values: matrix };
}
