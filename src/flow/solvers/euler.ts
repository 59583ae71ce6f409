import type { StepRule } from "./rule.ts";

/** Euler: x + h v(x, t). Order 1. */
export const euler: StepRule = {
  multistep: false,
  stageTimes: (t) => [t],
  async advance({ x, t, tNext, move }) {
    const { to } = await move(0, x, tNext - t);
    return to;
  },
};
