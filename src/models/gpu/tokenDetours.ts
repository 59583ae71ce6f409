import {
  add,
  concat,
  gather,
  mul,
  reshape,
  slice,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tile,
  transpose,
} from "@tensorflow/tfjs-core";
import { guide } from "#flow/guidance.ts";
import { ENDINGS } from "#gpu/linear.ts";
import type { RowTable } from "#gpu/machine.ts";
import type { GpuKernelName } from "#gpu/names.ts";
import { attention } from "#kernels/attention.ts";
import { gateResidual } from "#kernels/gateResidual.ts";
import { geluTanh } from "#kernels/geluTanh.ts";
import { linear } from "#kernels/linear.ts";
import { modulatedLayerNorm } from "#kernels/modulatedLayerNorm.ts";
import { patchify, unpatchify } from "#kernels/patches.ts";
import { silu } from "#kernels/silu.ts";
import { type Composition, fourfoldAt, read, write } from "./composition.ts";

/** Of the networks of tokens. */
export const TOKEN_DETOURS: Readonly<Partial<Record<GpuKernelName, Composition>>> = {
  linear({ buffers: [xBuffer, weight, bias, yBuffer], whole }, table) {
    const [rows, inputs, outputs, width, first, ending, tokens, tableWidth, part] = whole.map(
      fourfoldAt(1, 2, 3, 4, 7, 8),
    );
    const x: Tensor2D = read(xBuffer, [rows, inputs]);
    const v = linear.reference(x, read<Tensor2D>(weight, [inputs, outputs]), read<Tensor1D>(bias, [outputs]));
    const y: Tensor2D = read(yBuffer, [rows, width]);
    const at = (from: number, count: number): Tensor2D => slice(y, [0, from], [rows, count]);
    const other = () => tablePart(table, rows / tokens, tableWidth, part, outputs);
    const product = (): Tensor2D => {
      switch (ending) {
        case ENDINGS.plain:
          return v;
        case ENDINGS.gelu:
          return geluTanh.reference(v);
        case ENDINGS.added:
          return add(v, reshape(other(), [rows, outputs]));
        default: {
          const asTokens = (of: Tensor2D): Tensor3D => reshape(of, [rows / tokens, tokens, outputs]);
          return reshape(gateResidual.reference(asTokens(at(first, outputs)), other(), asTokens(v)), [
            rows,
            outputs,
          ]);
        }
      }
    };
    const behind = first + outputs;
    write(concat([at(0, first), product(), at(behind, width - behind)], 1), yBuffer);
  },

  modulatedLayerNorm({ buffers: [x, y], whole }, table) {
    const [rows, D, tokens, tableWidth, shift, scale] = whole.map(fourfoldAt(1, 3, 4, 5));
    const samples = rows / tokens;
    const part = (start: number) => tablePart(table, samples, tableWidth, start, D);
    write(modulatedLayerNorm.reference(read(x, [samples, tokens, D]), part(shift), part(scale)), y);
  },

  attention({ buffers: [qkv, y], whole: [tokens, heads, vectors], workgroups }) {
    const [, , samples = 1] = workgroups;
    const width = 3 * heads * 4 * vectors;
    write(attention.reference(read(qkv, [samples * tokens, width]), samples, heads), y);
  },

  silu({ buffers: [x], whole: [vectors] }) {
    write(silu(read(x, [4 * vectors])), x);
  },

  patchEmbedding({ buffers: [x, weight, bias, positions, y], whole }) {
    const [rows, D, images, side, patch, channels] = whole.map(fourfoldAt(1));
    const tokens = (side / patch) ** 2;
    const patches = patchify(read(x, [images, side, side, channels]), patch);
    const inputs = patch * patch * channels;
    const embedded = linear.reference(patches, read(weight, [inputs, D]), read(bias, [D]));
    const placed = add(reshape(embedded, [images, tokens, D]), read(positions, [tokens, D]));
    write(tile(placed, [rows / (images * tokens), 1, 1]), y);
  },

  finalLayer({ buffers: [x, weight, bias, base, velocity, next], whole, real: [guidance, factor] = [] }) {
    const [count, D, side, patch, channels, allChannels, second, moves] = whole.map(fourfoldAt(1));
    const images = count / (side * side * channels);
    const samples = second === 0 ? images : 2 * images;
    const tokens = (side / patch) ** 2;
    const outputs = patch * patch * allChannels;
    const columns: Tensor2D = transpose(read<Tensor2D>(weight, [outputs, D]));
    const rows = linear.reference(read(x, [samples * tokens, D]), columns, read(bias, [outputs]));
    const all = unpatchify(reshape(rows, [samples, tokens, outputs]), patch);
    const of = (first: number): Tensor4D => slice(all, [first, 0, 0, 0], [images, side, side, channels]);
    const v = second === 0 ? of(0) : guide(of(images), of(0), guidance);
    write(v, velocity);
    if (moves === 1) write(add(read(base, v.shape), mul(v, factor)), next);
  },
};

/** Numbers `start` … of the row that belongs to each sample, [samples,1,count]. */
function tablePart(
  table: RowTable | undefined,
  samples: number,
  width: number,
  start: number,
  count: number,
): Tensor3D {
  if (table === undefined) throw new Error("the call looks into a table");
  const rows: Tensor2D = read(table.rows, [Math.floor(table.rows.size / (4 * width)), width]);
  const chosen: Tensor2D = gather(rows, read<Tensor1D>(table.rowOf, [samples], "int32"));
  return reshape(slice(chosen, [0, start], [samples, count]), [samples, 1, count]);
}
