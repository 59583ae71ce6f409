import type { StepRule } from "./rule.ts";

/** Heun (explicit trapezoid): x + h/2 (v(x, t) + v(x + h v, tNext)). Order 2. */
export const heun: StepRule = {
  multistep: false,
  stageTimes: (t, tNext) => [t, tNext],
  async advance({ x, t, tNext, velocity, plus }) {
    const h = tNext - t;
    const v0 = await velocity(0, x);
    const v1 = await velocity(1, plus([h, v0]));
    return plus([h / 2, v0], [h / 2, v1]);
  },
};
