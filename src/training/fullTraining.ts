import { dispose, type Tensor, type Tensor2D, tensor, tensor2d } from "@tensorflow/tfjs-core";
import { positionTable } from "#kernels/positionTable.ts";
import { type DiTConfig, ditSizes, ditSpec } from "#models/ditConfig.ts";
import { engineLayout, toEngineLayout, toStoredLayout } from "#models/layout.ts";
import { POS_EMBED } from "#models/positionCheck.ts";
import { checkWeightShapes } from "#models/tensors.ts";
import type { WeightArray, WeightMap, WeightSpec } from "#models/weights.ts";
import { layoutOf, partOf } from "./parameters.ts";
import type { Trainable } from "./trainable.ts";
import { takeWhole } from "./wholeGradients.ts";

/** Every weight of a DiT but its position table is trained. Throws ModelError: an impossible config, MissingWeight,
 *  WrongShape. */
export function fullTraining(config: DiTConfig, weights: WeightMap): Trainable {
  const spec = trainedSpec(config);
  checkWeightShapes(spec, weights);
  const stored = weights.get(POS_EMBED);
  const position = positionTensor(config, stored);
  const { labelRows } = ditSizes(config);
  const layout = layoutOf([...spec].map(([name, shape]) => [name, engineShape(name, shape)]));
  return {
    config,
    layout,
    inPlace: true,
    initial() {
      const values = new Float32Array(layout.size);
      for (const [name, shape] of spec) {
        const weight = weights.get(name);
        const slot = layout.slots.get(name);
        if (weight && slot) values.set(toEngineLayout(weight, engineLayout(name, shape)).values, slot.offset);
      }
      return values;
    },
    load(values) {
      const trained = new Map<string, Tensor>();
      for (const [name, slot] of layout.slots)
        trained.set(name, tensor(partOf(values, slot), [...slot.shape], "float32"));
      return {
        tensors: new Map([...trained, [POS_EMBED, position]]),
        visitor: (take) => (gradient) => takeWhole(gradient, labelRows, take),
        unload: () => dispose([...trained.values()]),
      };
    },
    weights(values) {
      const map = new Map<string, WeightArray>(stored ? [[POS_EMBED, stored]] : []);
      for (const [name, shape] of spec) {
        const slot = layout.slots.get(name);
        if (slot)
          map.set(name, toStoredLayout(partOf(values, slot).slice(), shape, engineLayout(name, shape)));
      }
      return map;
    },
    dispose: () => position.dispose(),
  };
}

/** Weights of a DiT that training changes, in checkpoint shapes. */
export function trainedSpec(config: DiTConfig): WeightSpec {
  const spec = new Map(ditSpec(config));
  spec.delete(POS_EMBED);
  return spec;
}

/** The fixed position table [N,D] on the device, as stored where it is stored. */
export function positionTensor(config: DiTConfig, stored: WeightArray | undefined): Tensor2D {
  const { grid, tokens } = ditSizes(config);
  return tensor2d(stored?.values ?? positionTable(config.hidden_size, grid), [tokens, config.hidden_size]);
}

/** Shape that a weight has on the device: filters lie as matrices whose rows are (dy, dx, channel). */
function engineShape(name: string, shape: readonly number[]): readonly number[] {
  if (engineLayout(name, shape) === "asStored") return shape;
  const [outputs = 1, ...inputs] = shape;
  return [inputs.reduce((product, size) => product * size, 1), outputs];
}
