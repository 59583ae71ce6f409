import type { StepRule } from "./rule.ts";

/** Explicit midpoint: x + h v(x + h/2 v(x, t), t + h/2). Order 2. */
export const midpoint: StepRule = {
  multistep: false,
  stageTimes: (t, tNext) => [t, t + (tNext - t) / 2],
  async advance({ x, t, tNext, velocity, plus }) {
    const h = tNext - t;
    const v0 = await velocity(0, x);
    const vHalf = await velocity(1, plus([h / 2, v0]));
    return plus([h, vHalf]);
  },
};
