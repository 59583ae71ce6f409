import type { StepRule } from "./rule.ts";

/** Euler: x + h v(x, t). Order 1. */
export const euler: StepRule = {
  multistep: false,
  stageTimes: (t) => [t],
  async advance({ x, t, tNext, velocity, plus }) {
    return plus([tNext - t, await velocity(0, x)]);
  },
};
