import { expect, test } from "vitest";
import type { DiTConfig } from "#models/ditConfig.ts";
import { modulationInputs } from "../../../bench/onnx/ditGraph.ts";
import { patchRows, pixelsOf } from "../../../bench/onnx/patchRows.ts";

const CONFIG: DiTConfig = {
  input_size: 4,
  patch_size: 2,
  in_channels: 3,
  hidden_size: 5,
  depth: 2,
  num_heads: 1,
  mlp_ratio: 4,
  num_classes: 4,
  class_dropout_prob: 0.1,
  learn_sigma: false,
};
const counted = (count: number) => Float32Array.from({ length: count }, (_, i) => i);

test("patches have columns ordered (dy, dx, channel), and their pixels are found again", () => {
  const x = counted(2 * 4 * 4 * 3);
  const rows = patchRows(CONFIG, x, 2);
  // The second patch of an image begins at its third pixel; its second line is four pixels further on.
  expect([...rows.subarray(12, 24)]).toEqual([6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23]);
  expect(pixelsOf(CONFIG, rows, 2)).toEqual(x);
});

test("modulations are handed out block by block, the final layer's two last", () => {
  const width = (6 * 2 + 2) * 5;
  const inputs = modulationInputs(CONFIG, counted(2 * width));
  expect([...inputs].map(([name, { shape }]) => [name, shape])).toEqual([
    ["modulations.0", [2, 6, 5]],
    ["modulations.1", [2, 6, 5]],
    ["modulations.2", [2, 2, 5]],
  ]);
  const last = inputs.get("modulations.2")?.values ?? [];
  expect([...last]).toEqual(
    [...counted(10)].flatMap((i) => [60 + i]).concat([...counted(10)].map((i) => width + 60 + i)),
  );
});
