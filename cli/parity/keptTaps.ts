import { clone, keep, type Tensor } from "@tensorflow/tfjs-core";
import { CaseError } from "./caseError.ts";
import type { Comparison } from "./comparison.ts";
import type { GoldenCase } from "./goldenCase.ts";
import type { HostTensor } from "./hostTensor.ts";

/** Values seen inside a network, kept for comparison. Of a tap that fires once an image, the first image's. */
export class KeptTaps {
  readonly #values = new Map<string, Tensor>();

  /** To be handed to a network. */
  readonly keep = (name: string, value: Tensor): void => {
    if (!this.#values.has(name)) this.#values.set(name, keep(clone(value)));
  };

  /** Compares every `out.tap_<name>` of the case. Throws CaseError for a tap that did not fire. */
  async compare(
    golden: GoldenCase,
    comparison: Comparison,
    toHost: (value: Tensor) => Promise<HostTensor>,
  ): Promise<void> {
    for (const output of golden.outputs) {
      const name = /^out\.tap_(.+)$/.exec(output)?.[1];
      if (name === undefined) continue;
      const value = this.#values.get(name);
      if (!value) throw new CaseError(`the network has no tap ${name}`);
      comparison.output(`tap_${name}`, await toHost(value));
    }
  }

  dispose(): void {
    for (const value of this.#values.values()) value.dispose();
    this.#values.clear();
  }
}
