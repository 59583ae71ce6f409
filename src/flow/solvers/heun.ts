import type { StepRule } from "./rule.ts";

/** Heun (explicit trapezoid): x + h/2 (v(x, t) + v(x + h v, tNext)). Order 2. */
export const heun: StepRule = {
  multistep: false,
  stageTimes: (t, tNext) => [t, tNext],
  async advance({ x, t, tNext, velocity, move, plus }) {
    const h = tNext - t;
    const { v: v0, to: end } = await move(0, x, h);
    const v1 = await velocity(1, end);
    return plus([h / 2, v0], [h / 2, v1]);
  },
};
