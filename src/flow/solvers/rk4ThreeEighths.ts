import type { StepRule } from "./rule.ts";

/** Kutta's three-eighths rule: x + h/8 (k1 + 3 k2 + 3 k3 + k4), stages at t, t + h/3, t + 2h/3, tNext.
 *  Order 4. Not offered on the page: other tools call this one RK4, so comparisons need it. */
export const rk4ThreeEighths: StepRule = {
  multistep: false,
  stageTimes: (t, tNext) => [t, t + (tNext - t) / 3, t + (2 * (tNext - t)) / 3, tNext],
  async advance({ x, t, tNext, velocity, move, plus }) {
    const h = tNext - t;
    const { v: k1, to: third } = await move(0, x, h / 3);
    const k2 = await velocity(1, third);
    const k3 = await velocity(2, plus([-h / 3, k1], [h, k2]));
    const k4 = await velocity(3, plus([h, k1], [-h, k2], [h, k3]));
    return plus([h / 8, k1], [(3 * h) / 8, k2], [(3 * h) / 8, k3], [h / 8, k4]);
  },
};
