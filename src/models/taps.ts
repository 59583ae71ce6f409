import type { Tensor } from "@tensorflow/tfjs-core";

/** Called with intermediate results under the names of the golden vectors; they are not the callee's to keep. */
export type Taps = (name: string, value: Tensor) => void;
