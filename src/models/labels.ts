import type { DiTConfig } from "./ditConfig.ts";
import { ModelError } from "./modelError.ts";

/** Throws NoNullLabel or LabelOutOfRange for a label that a network cannot take. */
export function requireLabel(config: DiTConfig, label: number): void {
  const classes = config.num_classes;
  if (label === classes && config.class_dropout_prob === 0)
    throw new ModelError({ kind: "NoNullLabel", classes });
  if (!Number.isInteger(label) || label < 0 || label > classes)
    throw new ModelError({ kind: "LabelOutOfRange", label, classes });
}
