import { type DiTConfig, ditSizes } from "#models/ditConfig.ts";

/** What a step's size follows from. */
export interface StepSize {
  readonly config: DiTConfig;
  /** Rows that pass the network at once: those of a micro-batch, two a slot for coarse-to-fine. */
  readonly rows: number;
  /** Trained numbers. */
  readonly trained: number;
  /** Numbers of the whole network. */
  readonly weights: number;
  /** With low-rank matrices the network stays on the device beside its changed layers. */
  readonly lowRank: boolean;
}

export interface MemoryEstimate {
  /** Peak on the device. Not in it: what the backend keeps in reserve, and on wasm a packed copy of the weights. */
  readonly deviceBytes: number;
  /** State of the run, a step's gradient, and its copy from the device. */
  readonly hostBytes: number;
}

const BYTES = 4;

/** Memory of a training step before it is made, with the optimizer on the host. On the device: the weights and the trained tensors' gradients; what the way
 *  back needs of every block, (10 + 2r)·D numbers a token with an MLP of r·D; and what lies about at its widest place, in
 *  the gradient of the MLP's activation, (6 + 11r)·D a token. Within a quarter of what was measured. */
export function memoryEstimate({ config, rows, trained, weights, lowRank }: StepSize): MemoryEstimate {
  const { tokens, mlp } = ditSizes(config);
  const { hidden_size: D, depth } = config;
  const saved = depth * (10 * D + 2 * mlp);
  const widest = 6 * D + 11 * mlp;
  const modulations = rows * (6 * depth + 2) * D;
  const ofWeights = lowRank ? 2 * weights + 2 * trained : weights + trained;
  return {
    deviceBytes: BYTES * (ofWeights + rows * tokens * (saved + widest) + modulations),
    hostBytes: BYTES * 6 * trained,
  };
}
