import type { DiTConfig } from "#models/ditConfig.ts";
import { ModelError } from "#models/modelError.ts";
import type { WeightMap } from "#models/weights.ts";

const LABEL_TABLE = "y_embedder.embedding_table.weight";

/** A network with one class more, and the label of that class. */
export interface WithNewClass {
  readonly config: DiTConfig;
  readonly weights: WeightMap;
  readonly label: number;
}

/** Adds a row to the label table: the new label is the old num_classes, the null label moves up by one. The row begins as
 *  the null label's, which stands for a picture of any class; without one, as the mean of the classes. Every old class
 *  gives what it gave, and so does guidance. Throws ModelError MissingWeight, WrongShape. */
export function withNewClass(config: DiTConfig, weights: WeightMap): WithNewClass {
  const classes = config.num_classes;
  const table = weights.get(LABEL_TABLE);
  if (table === undefined) throw new ModelError({ kind: "MissingWeight", name: LABEL_TABLE });
  const width = config.hidden_size;
  const expected = [classes + (config.class_dropout_prob > 0 ? 1 : 0), width];
  if (table.shape.join() !== expected.join())
    throw new ModelError({ kind: "WrongShape", name: LABEL_TABLE, expected, actual: table.shape });
  const ofClasses = table.values.subarray(0, classes * width);
  const ofNull = table.values.subarray(classes * width);
  const row = ofNull.length > 0 ? ofNull : meanRow(ofClasses, width);
  const values = new Float32Array(table.values.length + width);
  values.set(ofClasses);
  values.set(row, classes * width);
  values.set(ofNull, (classes + 1) * width);
  return {
    config: { ...config, num_classes: classes + 1 },
    weights: new Map([...weights, [LABEL_TABLE, { shape: [expected[0] + 1, width], values }]]),
    label: classes,
  };
}

function meanRow(rows: Float32Array, width: number): Float32Array {
  const mean = new Float32Array(width);
  rows.forEach((value, index) => {
    mean[index % width] += (value * width) / rows.length;
  });
  return mean;
}
